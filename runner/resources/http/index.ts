import { Matcher } from '../../contract/matcher.ts'
import type { HttpProbe } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { invalid } from '../unclear.ts'
import { pathFault, urlFault } from './address-faults.ts'
import { isSuccess, wordsIn } from './answer-words.ts'

/** A request is sent to a service; or, where it only reads, its answer is read. */
export const http = defineResource({
  name: 'http',
  summary: 'A request is sent to a service; or, where it only reads, its answer is read.',
  source: "Ansible's uri",
  params: {
    type: 'object',
    exactlyOne: [['path', 'url']],
    needs: { path: ['service'] },
    properties: {
      service: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_-]+$',
        description: 'A service of the inventory, with its address and its token.',
        examples: ['ims'],
      },
      path: {
        type: 'string',
        identity: true,
        format: 'line',
        pattern: '^/\\S*$',
        description: "Path behind the service's address.",
        examples: ['/v3/images'],
      },
      url: {
        type: 'string',
        identity: true,
        format: 'line',
        pattern: '^https?://[^\\s/]\\S*$',
        description: 'An absolute address; no token is sent to it.',
      },
      method: {
        type: 'string',
        enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        default: 'GET',
        identity: true,
        description:
          'A `run` wants one that writes; a read is a GET, or a POST that the service documents as a query.',
      },
      headers: {
        type: 'object',
        identity: true,
        keyPattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        additionalProperties: {
          type: 'string',
          format: 'line',
          pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$',
          hint: 'a header takes letters of Latin-1 only, in one line',
          description: 'Value.',
        },
        description: 'Headers beside those of the service.',
      },
      body: { type: 'any', identity: true, description: 'A value that is sent as JSON.' },
      status_code: {
        type: 'array',
        orOne: true,
        minItems: 1,
        items: { type: 'integer', minimum: 100, maximum: 599, description: 'A status.' },
        examples: [[200, 404]],
        description:
          'Statuses that are answers, and success; any from 200 to 299 for a read, and 200, 201, 202, 204 for a `run`, when left out.',
      },
      pages: {
        type: 'object',
        identity: true,
        required: ['list', 'next'],
        description: 'How further pages of a list are reached.',
        properties: {
          list: { type: 'string', format: 'line', description: 'Field that holds the list.' },
          next: {
            type: 'string',
            format: 'line',
            description: "Field that holds the next page's query.",
          },
        },
      },
    },
  },
  checks: { path: ({ path }) => pathFault(path), url: ({ url }) => urlFault(url) },
  state: {
    status: { type: 'integer', description: 'Status of the answer.' },
    body: { type: 'string', information: true, description: 'Its body as text.' },
    json: { type: 'any', information: true, description: 'Its body as a value, where it is JSON.' },
  },
  probe: (params) => {
    const { service, path, url, method, headers, body, pages } = params
    if (method !== 'GET' && method !== 'POST')
      return invalid(`${method} is not a request that only reads`, 'use `run:`, or another method')
    const request = {
      ...(service === undefined ? {} : { service }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      ...(pages === undefined ? {} : { pages }),
    }
    const call: HttpProbe = {
      read: 'http',
      method,
      path: path ?? url!,
      statuses: 'any',
      ahead: false,
      ...request,
    }
    return { call }
  },
  observe: ({ call }) => ({ status: call.status, body: call.body, json: call.json ?? null }),
  desire: ({ status_code }, { status }) => ({
    status: !status_code
      ? // Any success is accepted: the code is shown only if the request failed.
        isSuccess(status)
        ? undefined
        : 200
      : status_code.length > 1
        ? new Matcher('one_of', status_code)
        : status_code[0]!,
  }),
  unanswered: ({ status, body }, { status_code, method, service, path, url }) =>
    (status_code ? status_code.includes(status!) : isSuccess(status))
      ? null
      : {
          message: `${method} ${path ?? url}${service === undefined ? '' : ` of ${service}`} was answered with ${status}${wordsIn(body)}`,
          hint: `where ${status} is an answer too, write \`status_code: [200, ${status}]\``,
        },
  act: ({ service, path, url, method, headers, body, status_code }) => {
    if (method === 'GET')
      return invalid(
        'GET is a request that only reads',
        'use `read:`, or say which `method:` writes',
      )
    const request = {
      ...(service === undefined ? {} : { service }),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
    }
    return {
      do: 'http',
      method,
      path: path ?? url!,
      statuses: status_code ?? [200, 201, 202, 204],
      ...request,
    }
  },
})
