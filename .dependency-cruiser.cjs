// Who may import whom. The table is the rule; everything below it only says the table in dependency-cruiser's words.
// Everyone may import what is shared, and a folder itself. What is not listed is forbidden: neighbours never meet.
const shared = ['text', 'contract', 'model']
const mayImport = {
  text: [],
  contract: ['text'],

  model: ['text', 'contract'],
  // The one way to the files of this controller: what is read of them, and whose word they are.
  files: shared,
  source: shared,
  // The one reader of the schemas of params, settings and keywords.
  schema: [...shared, 'source'],
  config: [...shared, 'files', 'source', 'schema'],
  resources: shared,
  manifest: [...shared, 'files', 'source', 'schema'],
  playbook: [...shared, 'files', 'source', 'schema'],
  inventory: [...shared, 'files', 'source', 'schema'],
  connect: [...shared, 'files'],
  engine: shared,
  report: shared,
  // What a real system is asked, and what its answers mean.
  doctor: shared,
  journal: [...shared, 'files'],
  // The manual describes what each of these folders declares.
  manual: [
    ...shared,
    'source',
    'schema',
    'config',
    'resources',
    'manifest',
    'playbook',
    'inventory',
    'report',
    'files',
  ],
  // What a user adds to the lab is read as playbooks are: with places, expressions and templates.
  lab: [...shared, 'files', 'source', 'schema'],
  // It puts the folders together into one run, for the command line and for every other way to start one.
  wiring: [
    ...shared,
    'files',
    'config',
    'source',
    'resources',
    'manifest',
    'playbook',
    'inventory',
    'connect',
    'engine',
    'report',
    'journal',
    'manual',
    'doctor',
  ],
  // What TAB offers: the words of the command line, and the names that this machine knows.
  completion: [...shared, 'journal', 'manual', 'playbook', 'wiring', 'files'],
  // What an editor asks about an open playbook.
  editor: [...shared, 'files', 'source', 'schema', 'playbook', 'inventory', 'manual', 'wiring'],
  cli: [
    ...shared,
    'completion',
    'editor',
    'doctor',
    'files',
    'config',
    'source',
    'manifest',
    'playbook',
    'inventory',
    'connect',
    'engine',
    'report',
    'journal',
    'manual',
    'wiring',
    'lab',
  ],
}

// The wings of the engine. `model.ts` are its nouns and imports none of them; only `schedule` knows all.
const wingMayImport = {
  model: [],
  tell: ['model'],
  decide: ['model'],
  ask: ['model', 'decide'],
  act: ['model', 'decide', 'tell'],
  schedule: ['model', 'decide', 'tell', 'ask', 'act'],
}
const wingOf = (name) =>
  name === 'model' || name === 'tell' ? `^runner/engine/${name}\\.ts$` : `^runner/engine/${name}/`

// Each package has its homes; elsewhere it is not imported.
const homes = {
  yaml: ['source', 'text', 'lab'],
  ajv: ['schema'],
  handlebars: ['source'],
  '@marcbachmann/cel-js': ['source'],
  'fastest-levenshtein': ['source'],
  semver: ['playbook'],
  'es-module-lexer': ['manifest'],
  'p-limit': ['connect', 'inventory'],
  re2js: ['text'],
  ssh2: ['connect', 'lab'],
  listr2: ['report'],
  'string-width': ['report'],
  diff: ['report'],
  commander: ['cli', 'completion'],
  '@opentelemetry': ['wiring'],
  'just-bash': ['lab'],
  'vscode-languageserver': ['editor'],
  'vscode-languageserver-textdocument': ['editor'],
}

// Folders that have no hands: not even Node's own modules.
// Users' own types are files: what finds and loads them has hands.
const hands = '^runner/manifest/own/'
const handless = ['text', 'contract', 'model', 'resources', 'manifest', 'doctor']

// Where the text of a secret may be had.
const mayReveal = ['connect', 'lab']

const tests = '\\.(?:test|fixture)\\.ts$'
const product = '^(?:runner|lab)/'
const folders = Object.keys(mayImport)
// The lab stands beside the runner, as a second product.
const homeOf = (name) => (name === 'lab' ? '^lab/' : `^runner/${name}/`)
const within = (names) => `(?:${names.map(homeOf).join('|')})`
const escaped = (name) => name.replace(/[/.]/g, '\\$&')

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folders.map((folder) => ({
      name: `${folder}-imports`,
      comment: `${folder} may import ${['itself', ...mayImport[folder]].join(', ')}`,
      severity: 'error',
      from: { path: within([folder]), pathNot: tests },
      to: { path: product, pathNot: within([folder, ...mayImport[folder]]) },
    })),
    ...Object.entries(homes).map(([name, inside]) => ({
      name: `home-of-${name}`,
      comment: `${name} is imported in ${inside.join(' and ')} only`,
      severity: 'error',
      from: { path: product, pathNot: [within(inside), tests] },
      to: { path: `(?:^|/)node_modules/(?:@types/)?${escaped(name)}(?:/|$)` },
    })),
    ...Object.entries(wingMayImport).map(([wing, others]) => ({
      name: `engine-${wing}-imports`,
      comment: `of the engine, ${wing} may import ${[...others, 'nothing else'].join(', ')}`,
      severity: 'error',
      from: { path: wingOf(wing), pathNot: tests },
      to: { path: '^runner/engine/', pathNot: [wing, ...others].map(wingOf) },
    })),
    {
      name: 'unlisted-package',
      comment: 'a package that the table does not name',
      severity: 'error',
      from: { path: product, pathNot: tests },
      to: {
        dependencyTypes: [
          'npm',
          'npm-dev',
          'npm-optional',
          'npm-peer',
          'npm-no-pkg',
          'npm-unknown',
        ],
        pathNot: `(?:^|/)node_modules/(?:@types/)?(?:${Object.keys(homes).map(escaped).join('|')})(?:/|$)`,
      },
    },
    {
      name: 'handless',
      comment: `${handless.join(', ')} import none of Node's modules and no package`,
      severity: 'error',
      from: { path: within(handless), pathNot: [tests, hands] },
      to: {
        // Patterns and YAML are text, and these packages are pure.
        pathNot: '(?:^|/)node_modules/(?:re2js|yaml)/',
        dependencyTypes: [
          'core',
          'npm',
          'npm-dev',
          'npm-optional',
          'npm-peer',
          'npm-no-pkg',
          'npm-unknown',
        ],
      },
    },
    {
      name: 'reveal',
      comment: `the text of a secret is had in ${mayReveal.join(' and ')} only`,
      severity: 'error',
      from: {
        path: product,
        pathNot: [within(mayReveal), tests, '^runner/contract/secret\\.ts$'],
      },
      to: { path: '^runner/contract/secret-text\\.ts$' },
    },
    {
      name: 'types-apart',
      comment:
        'a resource type imports no other type; what several share lies beside their folders',
      severity: 'error',
      from: { path: '^runner/resources/([^/]+)/', pathNot: tests },
      to: { path: '^runner/resources/[^/]+/', pathNot: '^runner/resources/$1/' },
    },
    {
      name: 'no-tests-inside',
      comment: 'what runs imports no test',
      severity: 'error',
      from: { path: product, pathNot: tests },
      to: { path: [tests, '^test/'] },
    },
    {
      name: 'no-cycle',
      comment: 'no circle of files; an import of types alone counts too',
      severity: 'error',
      from: { path: product },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: product, pathNot: tests },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}
