import type { ParamCondition, ParamsSchema } from '../contract/param-schema.ts'
import { mapValues, paramJsonSchema, valuesOrComputed, type Json } from './value-json-schema.ts'

/** The params of a type, for editors: which there are, how each is written, and which mean nothing beside others. */
export function paramsJsonSchema(params: ParamsSchema): Json {
  const rules = [...idleRules(params), ...togetherRules(params)]
  return {
    type: 'object',
    additionalProperties: false,
    properties: mapValues(params.properties, paramJsonSchema),
    ...(params.needs ? { dependencies: params.needs } : {}),
    ...(rules.length === 0 ? {} : { allOf: rules }),
  }
}

/** Which params must be given. `read` needs only those that say which thing is meant. */
export function presenceJsonSchema(params: ParamsSchema, onlyIdentity: boolean): Json {
  const { properties, required = [], exactlyOne = [] } = params
  const asked = (name: string): boolean => !onlyIdentity || properties[name]?.identity === true
  const needed = required.filter(asked)
  const choices = exactlyOne.filter((group) => group.every(asked))
  const rules = [
    ...choices.map((group) => ({ anyOf: group.map((name) => ({ required: [name] })) })),
    ...(onlyIdentity ? [] : neededRules(params)),
  ]
  return {
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(rules.length === 0 ? {} : { allOf: rules }),
  }
}

/** A param that must be given beside certain values of others. */
function neededRules({ properties }: ParamsSchema): readonly Json[] {
  return Object.entries(properties).flatMap(([name, { neededWith }]) =>
    neededWith === undefined
      ? []
      : [
          {
            if: {
              properties: mapValues(neededWith, (values) => ({ enum: values })),
              ...givenUnlessUsual(neededWith, properties),
            },
            then: { required: [name] },
          },
        ],
  )
}

/** A param that means something only beside certain values of others. */
function idleRules({ properties }: ParamsSchema): readonly Json[] {
  return Object.entries(properties).flatMap(([name, { onlyWith, default: usual }]) =>
    onlyWith === undefined
      ? []
      : [
          {
            // What says the same as saying nothing needs no other param.
            if: {
              required: [name],
              ...(usual === undefined || usual === null
                ? {}
                : { properties: { [name]: { not: { const: usual } } } }),
            },
            then: besideSchema(onlyWith, properties),
          },
        ],
  )
}

function besideSchema(onlyWith: ParamCondition, properties: ParamsSchema['properties']): Json {
  return {
    properties: mapValues(onlyWith, (values) => ({
      description: `Beside this: ${values.join(' or ')}.`,
      ...valuesOrComputed(values),
    })),
    ...givenUnlessUsual(onlyWith, properties),
  }
}

/** Params whose default is not among the values must be given. */
function givenUnlessUsual(condition: ParamCondition, properties: ParamsSchema['properties']): Json {
  const required = Object.entries(condition)
    .filter(([other, values]) => !values.includes(properties[other]?.default as string))
    .map(([other]) => other)
  return required.length === 0 ? {} : { required }
}

/** Params of which at most one may be given. */
function togetherRules({ exactlyOne = [], atMostOne = [] }: ParamsSchema): readonly Json[] {
  return [...exactlyOne, ...atMostOne].map((group) => ({
    not: {
      anyOf: group.flatMap((name, i) =>
        group.slice(i + 1).map((other) => ({ required: [name, other] })),
      ),
    },
  }))
}
