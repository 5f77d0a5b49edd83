/**
 * The dependency rules of docs/architecture.md, as code. `test/architecture/dependencies.test.ts` plants a violation of each and expects it to be caught.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const DOMAIN = '^libs/(events|sources|identity|baselines|detections|sod|alerts|response|contract|evaluation)/src';
const NOT_TESTS = { pathNot: '\\.test\\.tsx?$' };

export default {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'Domain libs compute. Files, sockets, processes and frameworks live in adapters and apps.',
      severity: 'error',
      from: { path: DOMAIN, ...NOT_TESTS },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto)$' },
    },
    {
      name: 'domain-knows-no-framework',
      severity: 'error',
      from: { path: `${DOMAIN}|^libs/(stages|runtime)/src`, ...NOT_TESTS },
      to: { path: 'node_modules/(@nestjs|kafkajs|@clickhouse|fastify|undici|pg|react|echarts|chdb|ffi-rs)/' },
    },
    {
      name: 'nest-only-in-apps',
      severity: 'error',
      from: { path: '^(libs|fixtures|dashboards)' },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'kafka-only-in-its-adapter',
      severity: 'error',
      from: { path: '^(libs|apps|fixtures)', pathNot: '^libs/(adapters/kafka|testkit)/|\\.test\\.ts$' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'clickhouse-only-in-its-adapter',
      severity: 'error',
      from: { path: '^(libs|apps|fixtures)', pathNot: '^libs/(adapters/clickhouse|testkit)/|\\.test\\.ts$' },
      to: { path: 'node_modules/@clickhouse/' },
    },
    {
      name: 'domain-knows-no-adapter',
      severity: 'error',
      from: { path: `${DOMAIN}|^libs/(stages|runtime)/src` },
      to: { path: '^libs/adapters/' },
    },
    {
      name: 'one-adapter-knows-no-other',
      severity: 'error',
      from: { path: '^libs/adapters/([^/]+)/src', ...NOT_TESTS },
      to: { path: '^libs/adapters/', pathNot: '^libs/adapters/$1/' },
    },
    {
      name: 'one-plug-in-knows-no-other',
      comment: 'A source, detection, connector or sink is one folder; what two of them share stands in the lib beside them.',
      severity: 'error',
      from: { path: '^(libs/(?:sources|detections|adapters/connectors|adapters/sinks|adapters/collectors)/src)/([^/]+)/' },
      // In libs/sources, `syslog` (readers) and `ocsf-export` (words) are not plug-ins: they are what the sources share.
      to: { path: '^$1/[^/]+/', pathNot: '^$1/$2/|^libs/sources/src/(syslog|ocsf-export)/' },
    },
    {
      name: 'apps-know-no-other-app',
      comment:
        '`keyward start` runs the others and `keyward doctor` looks at what they need: the composition of them, and nothing else is.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/cli/src/(start/|doctor/|commands/doctor)' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'nothing-knows-an-app',
      severity: 'error',
      from: { path: '^(libs|fixtures|dashboards)' },
      to: { path: '^apps/' },
    },
    {
      name: 'dashboard-knows-only-the-contract',
      severity: 'error',
      from: { path: '^dashboards/analyst/src' },
      to: { path: '^(libs|apps|fixtures)/', pathNot: '^libs/contract/' },
    },
    {
      name: 'testkit-only-from-tests',
      severity: 'error',
      from: { path: '^(libs|apps|dashboards|fixtures)', pathNot: '\\.test\\.tsx?$|^libs/testkit/|/test/' },
      to: { path: '^libs/testkit/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|dist' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['keyward-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
    tsConfig: { fileName: 'tsconfig.base.json' },
  },
};
