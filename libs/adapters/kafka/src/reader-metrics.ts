import type { Metrics } from '@keyward/runtime';

/** What a reader tells of itself, by consumer group. */
export const readerMetrics = (metrics: Metrics, group: string) => ({
  items: metrics.counter('keyward_reader_items_total', 'Records that a stage has handled', ['group']).labels(group),
  buffered: metrics.gauge('keyward_reader_buffered_items', 'Records fetched and not yet handled', ['group']).labels(group),
  retrying: metrics.gauge('keyward_reader_retrying', '1 while a batch waits for its next try', ['group']).labels(group),
  retries: metrics.counter('keyward_reader_retries_total', 'Batches that were handed to the stage again', ['group']).labels(group),
  unaligned: metrics
    .counter('keyward_reader_unaligned_total', 'Times a reader went on without a partition that is behind and gave nothing', ['group'])
    .labels(group),
});
