import { empty, matchPath, plain, type Reply, type Unrouted } from '../service-route.ts'

/** A service whose routes gorilla/mux keeps, the framework of HSM, SLS and PCS. */
export interface Gorilla {
  /** What the service itself puts before its paths. */
  readonly ownPrefix: string
  /** All its routes as `METHOD /path`, in the order in which it has them. */
  readonly order: readonly string[]
  /** What it says of a method that the path does not have; absent: nothing. */
  readonly wrongMethod?: (allowed: readonly string[]) => Reply
}

/** What gorilla/mux answers where no route is meant: slashes too many are taken off, and a wrong method is mostly no path. */
export function unroutedInGorilla(router: Gorilla): (asked: Unrouted) => Reply {
  return ({ method, below, search }) => {
    const clean = below.replace(/\/{2,}/g, '/')
    if (clean !== below)
      return {
        status: 301,
        headers: { location: `${router.ownPrefix}${clean}${search}` },
        body: '',
      }
    const routes = router.order.map((each) => each.split(' ') as [string, string])
    const bare = below.replace(/\/$/, '')
    if (bare !== below && routes.some(([its, path]) => its === method && matchPath(path, bare)))
      return moved(method, `${router.ownPrefix}${bare}${search}`)
    // A wrong method is forgotten as soon as a later route has the method, whatever its path.
    let isWrongMethod = false
    for (const [its, path] of routes) {
      if (its === method) isWrongMethod = false
      else if (matchPath(path, bare)) isWrongMethod = true
    }
    if (!isWrongMethod) return noPage
    const allowed = routes.filter(([, path]) => matchPath(path, bare)).map(([its]) => its)
    return router.wrongMethod?.(allowed) ?? empty(405)
  }
}

const noPage = plain(404, '404 page not found\n')

function moved(method: string, location: string): Reply {
  const headers = { location }
  return method === 'GET'
    ? {
        status: 301,
        contentType: 'text/html; charset=utf-8',
        headers,
        body: `<a href="${location}">Moved Permanently</a>.\n\n`,
      }
    : { status: 301, headers, body: '' }
}

/** The routes that the lab does not play: those of the service without those of the lab. */
export function unplayedOf(
  order: readonly string[],
  routes: readonly { readonly method: string; readonly path: string }[],
): readonly string[] {
  const played = new Set(
    routes.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ':')}`),
  )
  return order.filter((each) => !played.has(each.replace(/:\w+/g, ':')))
}
