// The table that people read. Numbers as they were reached; ratios to what a bare client does in the same run.
const whole = (value) => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : 'not known');
const tenth = (value) => (Number.isFinite(value) ? (Math.round(value * 10) / 10).toLocaleString('en-US') : 'not known');
const share = (value) => (Number.isFinite(value) ? `${Math.round(value * 1000) / 10} %` : 'not known');

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]) : String(cell ?? '').padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
};

export function asText({
  when,
  command,
  machine,
  loadAtStart,
  loadAtEnd,
  events,
  line,
  consume,
  insert,
  latency,
  micro,
  model,
  identities,
}) {
  const lines = [
    `keyward bench, ${when}`,
    `  ${command}`,
    `  ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node.slice(1)}; broker, store and bench on the same machine`,
    `  load average ${loadAtStart.join(' ')} at the start, ${loadAtEnd.join(' ')} at the end${loadAtStart[0] > 1 ? ': others used the machine too, so rates by the clock are too low; CPU seconds and ratios say more' : ''}`,
  ];
  if (line) {
    lines.push('', `From Kafka to ClickHouse, ${whole(events)} vendor records`);
    lines.push(
      ...table([
        ['', 'a second', 'of bare', 'CPU s', 'a CPU second', 'load'],
        [
          `the line, ${line.workers} worker${line.workers > 1 ? 's' : ''}: read, parse, score, detect, store`,
          whole(line.perSecond),
          '',
          tenth(line.cpuSeconds.worker),
          whole(line.perWorkerCpuSecond),
          line.load[0],
        ],
        [
          'bare kafkajs consume of the same messages',
          whole(consume.perSecond),
          share(line.perSecond / consume.perSecond),
          tenth(consume.cpuSeconds),
          whole(consume.messages / consume.cpuSeconds),
          consume.load[0],
        ],
        [
          'plain ClickHouse insert of the same rows',
          whole(insert.perSecond),
          share(line.perSecond / insert.perSecond),
          tenth(insert.cpuSeconds),
          whole(insert.rows / insert.cpuSeconds),
          insert.load[0],
        ],
      ]).map((row) => `  ${row}`),
      `  beside the worker: broker ${tenth(line.cpuSeconds.kafka)} CPU s, store ${tenth(line.cpuSeconds.clickhouse)} CPU s in ${tenth(line.seconds)} s`,
      `  aim: 20,000 a second; reached: ${whole(line.perSecond)}`,
    );
  }
  if (latency) {
    const { webhook, revocation } = latency;
    lines.push(
      '',
      `From producing an attack's last record, beside ${whole(latency.reachedLoad)} ordinary records a second (half of what was reached)`,
      ...table([
        ['', 'p50 ms', 'p99 ms', 'most', 'of', 'aim'],
        [
          'to the signed webhook at a receiver',
          whole(webhook.p50Ms),
          whole(webhook.p99Ms),
          whole(webhook.maxMs),
          `${webhook.count}/${latency.attacks}`,
          '1,000',
        ],
        [
          'to the removal at the Graph server',
          whole(revocation.p50Ms),
          whole(revocation.p99Ms),
          whole(revocation.maxMs),
          `${revocation.count}/${latency.attacks}`,
          '2,000',
        ],
      ]).map((row) => `  ${row}`),
      `  load average ${latency.load[0]}`,
    );
  }
  if (micro) {
    lines.push(
      '',
      'The parts, one thread, no I/O',
      ...table([
        ['', 'number', 'CPU s', 'a CPU second', 'beside'],
        ...micro.map(({ what, count, cpuSeconds, perCpuSecond, besides, peakMegabytes }) => [
          what,
          count === undefined ? '' : whole(count),
          (Math.round(cpuSeconds * 100) / 100).toFixed(2),
          perCpuSecond === undefined ? '' : whole(perCpuSecond),
          besides ? `${besides.what}: ${whole(besides.perCpuSecond)}` : peakMegabytes ? `peak memory ${whole(peakMegabytes)} MB` : '',
        ]),
      ]).map((row) => `  ${row}`),
    );
  }
  if (model) lines.push('', ...modelLines(model));
  if (identities) lines.push('', ...identityLines(identities));
  return `${lines.join('\n')}\n`;
}

function modelLines({ events, identities, perCpuSecond, withSnapshots, storedBytes, memoryBytes, comparators, load }) {
  return [
    `The model by itself, one thread: ${whole(events)} mixed events of ${whole(identities)} identities, the second half measured`,
    ...table([
      ['', 'events a CPU second', 'score and learn, as a ratio'],
      ['score and learn', whole(perCpuSecond), ''],
      ['score, learn, count, daily snapshots', whole(withSnapshots), ''],
      ...comparators.map(({ title, perCpuSecond: rate, ratio }) => [title, whole(rate), `${Number(ratio.toPrecision(2))} x`]),
    ]).map((row) => `  ${row}`),
    `  one identity: stored ${whole(storedBytes.mean)} bytes on average, p99 ${whole(storedBytes.p99)}, most ${whole(storedBytes.most)}; in memory ${whole(memoryBytes)} on average`,
    `  aim: 100,000 a second and 4,096 bytes; load average ${load[0]}`,
  ];
}

function identityLines({ identities, maxLedgers, first, usual, stored, peakMegabytes, storeMegabytes, load }) {
  const pass = (title, { events, perSecond, cpuSeconds, hitRate, load: loads, save }) => [
    title,
    whole(events),
    whole(perSecond),
    whole(events / cpuSeconds),
    share(hitRate),
    `${whole(loads.p50Ms)} / ${whole(loads.p99Ms)}`,
    whole(loads.microsecondsOfOne),
    whole(save.microsecondsOfOne),
  ];
  return [
    `${whole(identities)} identities, ${whole(maxLedgers)} of them in memory, the rest in the embedded ClickHouse`,
    ...table([
      ['', 'events', 'a second', 'a CPU second', 'in memory', 'load p50 / p99 ms', 'us a load', 'us a save'],
      pass('each once, in no order', first),
      pass("by Zipf's law", usual),
    ]).map((row) => `  ${row}`),
    `  a load: all that a batch of 10,000 events lacks, in one query; ledgers of ${whole(stored.meanBytes)} bytes on average (most ${whole(stored.mostBytes)}), ${whole(stored.bytesOfOne)} on disk`,
    `  largest resident set: worker ${whole(peakMegabytes)} MB, store ${whole(storeMegabytes)} MB; load average ${load[0]}`,
  ];
}
