// The parser is a file of its own within the package, which declares types for its whole only.
declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  export function parse(text: string): hbs.AST.Program
}
