import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'

const never = (selector, message) => ({ selector, message })

const dollar =
  'A dollar in the replacement would be read as a pattern ($&): give a function, replace(x, () => text).'

// The same for every file that runs.
const everywhere = [
  never(
    ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > Literal[regex.pattern=/\\\\p\\{/]',
    'V8 builds the tables of Unicode properties when it comes to this literal, at every start: put it into the function that uses it.',
  ),
  never(
    ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.object.name="Intl"]',
    'It loads tables of ICU at every start: make it when it is first asked for.',
  ),
  never('ExportDefaultDeclaration', 'Named exports only: a thing has one name in the whole house.'),
  never(
    'ArrayExpression:has(> Literal[value=/^-\\w*c$/]) > TemplateLiteral[expressions.length>0]',
    'A shell would read the values as code: give them as arguments behind the script (sh -c SCRIPT sh VALUE).',
  ),
  never(
    'ArrayExpression:has(> Literal[value=/^-\\w*c$/]) > BinaryExpression[operator="+"]',
    'A shell would read the values as code: give them as arguments behind the script (sh -c SCRIPT sh VALUE).',
  ),
  never(
    'CallExpression[callee.property.name=/^replace(?:All)?$/][arguments.length=2][arguments.1.type!=/^(?:Literal|TemplateLiteral|ArrowFunctionExpression|FunctionExpression)$/]',
    dollar,
  ),
  never(
    'CallExpression[callee.property.name=/^replace(?:All)?$/][arguments.length=2] > TemplateLiteral.arguments:nth-child(2)[expressions.length>0]',
    dollar,
  ),
]

// A resource type is data and pure functions; reading a param that is not known yet throws what only the engine may catch.
const pure = [
  never(
    'TryStatement',
    'A type may not catch: what is not known yet is said by a signal that only the engine catches.',
  ),
  never(
    'SpreadElement > Identifier[name="params"], SpreadElement > Identifier[name="current"]',
    'Spreading params reads all of them, also those that are not known yet: name the ones that are needed.',
  ),
  never(
    'Property[value.type="RestElement"], ObjectPattern > RestElement',
    'A rest of params reads all of them: name the ones that are needed.',
  ),
  never(
    'CallExpression[callee.object.name="Object"][callee.property.name=/^(keys|values|entries|assign)$/] > Identifier.arguments[name="params"]',
    'This reads every param, also those that are not known yet.',
  ),
  never(
    'CallExpression[callee.object.name="JSON"][callee.property.name="stringify"] > Identifier.arguments[name="params"]',
    'This reads every param, also those that are not known yet.',
  ),
  never(
    'AwaitExpression, :function[async=true], NewExpression[callee.name="Promise"]',
    'A type is asked and answers at once: it has nothing to wait for.',
  ),
  never(
    'NewExpression[callee.name="Date"], MemberExpression[object.name="Date"], MemberExpression[object.name="Math"][property.name="random"]',
    'A type knows no clock and no chance: the same readings mean the same.',
  ),
]

/** The rules of the house that need no types; test/laws/architecture.test.ts proves that each of them bites. */
export const houseRules = [
  {
    files: ['runner/**/*.ts', 'lab/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.fixture.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...everywhere],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:child_process',
              importNames: ['exec', 'execSync'],
              message: 'These start a shell with text: use spawn with an argv.',
            },
          ],
        },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['runner/**/*.ts', 'lab/**/*.ts', 'tools/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.fixture.ts'],
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // What is foreign to the controller passes here: a pattern that tries every way would end every host's run.
    files: [
      'runner/{connect,contract,engine,inventory,journal,manifest,model,report,resources,text}/**/*.ts',
    ],
    ignores: ['**/*.test.ts', '**/*.fixture.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'certain' }],
      'regexp/no-super-linear-move': ['error', { report: 'certain' }],
    },
  },
  {
    files: ['runner/resources/*/index.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, ...pure] },
  },
]

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '**/*.generated.ts',
      '**/*.pure.d.ts',
      'coverage/',
      '.dependency-cruiser.cjs',
      'vitest.config.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  {
    files: ['runner/**/*.ts', 'lab/**/*.ts', 'test/**/*.ts', 'tools/**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // A test or a cast says in its comment or name why; the compiler's strictness does the rest.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-empty-object-type': 'off',
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
    },
  },
  ...houseRules,
)
