import { describe, expect, it } from 'vitest';
import { RecordQueue } from './record-queue.js';

describe('records on their way to the bus', () => {
  it('come out in order, as many at once as there are', async () => {
    const queue = new RecordQueue();
    const first = queue.take();
    queue.push(['a', 'b']);
    queue.push(['c']);
    expect(await first).toEqual(['a', 'b', 'c']);
    queue.push(['d']);
    queue.close();
    expect(await queue.take()).toEqual(['d']);
    expect(await queue.take()).toEqual([]);
  });

  it('make senders wait when they are too many, and tell them when there is room', async () => {
    const queue = new RecordQueue();
    let told = 0;
    queue.onDrained = () => (told += 1);
    const megabyte = 'x'.repeat(1024 * 1024);
    while (!queue.isFull) queue.push([megabyte]);
    expect(queue.size).toBe(8);
    expect(await queue.take()).toHaveLength(4);
    expect([queue.isFull, told, queue.size]).toEqual([false, 1, 4]);
  });

  it('never come out as nothing while the queue is open, however large they are', async () => {
    const queue = new RecordQueue();
    queue.push(['x'.repeat(20 * 1024 * 1024), 'y']);
    expect((await queue.take()).length).toBe(1);
    expect(await queue.take()).toEqual(['y']);
  });
});
