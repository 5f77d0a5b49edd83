// ClickHouse's own server, from npm alone. `libchdb` is ClickHouse as a shared library; this process calls clickhouse-local's main in it, which
// serves the ordinary HTTP interface until the process ends. A process of its own: the library takes over signals, threads and standard streams.
// usage: node clickhouse.mjs <config-file> <data-directory>
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataType, load, open } from 'ffi-rs';

const [configFile, dataDirectory] = process.argv.slice(2);
const require = createRequire(import.meta.url);

function libraryPath() {
  const musl = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
  const platform = process.platform === 'linux' ? `linux-${process.arch}-${musl ? 'musl' : 'gnu'}` : `${process.platform}-${process.arch}`;
  return join(dirname(require.resolve(`@chdb/lib-${platform}/package.json`)), 'libchdb.so');
}

// The endless query keeps the session, and with it the listener, alive.
const argv = [
  'clickhouse',
  `--config-file=${configFile}`,
  `--path=${dataDirectory}`,
  '--output-format=CSV',
  '--query=SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM numbers(1000000000) SETTINGS max_block_size=1 FORMAT Null',
];

open({ library: 'chdb', path: libraryPath() });
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [argv.length, argv],
});
// Only reached when the server could not be started: its own words are on standard error.
process.exit(1);
