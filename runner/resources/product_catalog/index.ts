import { Matcher, not } from '../../contract/matcher.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'
import { textAt, valueAt } from '../service-answers.ts'
import { compareVersions, entriesOf, idsIn } from './catalog-entries.ts'

/** The product catalog knows a product in this version, or in any; and this is its newest. */
export const productCatalog = defineResource({
  name: 'product_catalog',
  summary:
    'The product catalog knows a product in this version, or in any; and this is its newest.',
  source:
    'Configure a Remote Build Node, "Create and boot a remote build node image" (kubectl get cm cray-product-catalog)',
  params: {
    type: 'object',
    properties: {
      product: {
        type: 'string',
        identity: true,
        default: 'csm',
        pattern: '^[a-z0-9][a-z0-9-]*$',
        description: 'Name of the product.',
        examples: ['csm', 'cos'],
      },
      version: {
        type: 'string',
        format: 'line',
        identity: true,
        minLength: 1,
        default: 'newest',
        description: 'The version, as text; `newest` compares their numbers.',
        examples: ['1.5.1'],
      },
      image: {
        type: 'string',
        matcher: true,
        identity: true,
        description: 'The one image whose id is wanted: its name, or what it must match.',
        examples: [{ matches: '^compute-csm-[0-9.]+-[0-9.]+-x86_64$' }],
      },
    },
  },
  state: {
    version: {
      type: 'string',
      description: 'The version; null where the catalog has none that fits.',
    },
    image_id: {
      type: 'string',
      description: 'Id of the image that `image` names; null where none fits.',
    },
    image_name: { type: 'string', information: true, description: 'Its name.' },
    versions: {
      type: 'array',
      items: { type: 'string', description: 'Version.' },
      information: true,
      description: 'All versions, the newest first.',
    },
    commit: {
      type: 'string',
      information: true,
      description: 'Commit of the configuration of this version.',
    },
    clone_url: {
      type: 'string',
      information: true,
      description: 'Repository of the configuration, by its outside name.',
    },
    import_branch: {
      type: 'string',
      information: true,
      description: 'Branch of the configuration.',
    },
    images: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Id.' },
      information: true,
      description: 'Ids of the images of this version, by name.',
    },
    recipes: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Id.' },
      information: true,
      description: 'Ids of its recipes, by name.',
    },
  },
  // A map that is not there prints nothing; one without the product prints its name alone.
  probe: ({ product }) => ({
    catalog: ask([
      'kubectl',
      '--namespace',
      'services',
      'get',
      'configmap',
      'cray-product-catalog',
      '--ignore-not-found',
      '--output',
      `jsonpath={.metadata.name}{"\\n"}{.data.${product}}`,
    ]),
  }),
  observe: ({ catalog }, { product, version, image }) => {
    const end = catalog.stdout.indexOf('\n')
    if (catalog.stdout.trim() === '')
      return unclear(
        'the namespace services has no ConfigMap cray-product-catalog',
        'is this a host of the CSM cluster?',
      )
    const entries = entriesOf(end < 0 ? '' : catalog.stdout.slice(end + 1), product)
    const versions = Object.keys(entries).sort((a, b) => compareVersions(b, a))
    const chosen = isNewest(version) ? versions[0] : versions.find((each) => each === version)
    const entry = chosen === undefined ? undefined : entries[chosen]
    const images = idsIn(valueAt(entry, 'images'))
    const fitting =
      image === undefined
        ? []
        : Object.keys(images).filter((name) =>
            image instanceof Matcher ? image.accepts(name) : name === image,
          )
    if (fitting.length > 1)
      unclear(
        `${fitting.length} images of ${product} ${chosen} fit: ${fitting.join(', ')}`,
        'name one of them, or match more narrowly',
      )
    return {
      version: chosen ?? null,
      image_id: fitting[0] === undefined ? null : images[fitting[0]]!,
      image_name: fitting[0] ?? null,
      versions,
      commit: textAt(entry, 'configuration', 'commit'),
      clone_url: textAt(entry, 'configuration', 'clone_url'),
      import_branch: textAt(entry, 'configuration', 'import_branch'),
      images,
      recipes: idsIn(valueAt(entry, 'recipes')),
    }
  },
  desire: ({ version, image }) => ({
    version: isNewest(version) ? not(null) : version,
    image_id: image === undefined ? undefined : not(null),
  }),
})

function isNewest(version: string | undefined): boolean {
  return version === undefined || version === 'newest'
}
