import { CURSORS_TOPIC, DEAD_LETTER_TOPIC, DECISIONS_TOPIC, VERDICTS_TOPIC, rawTopic } from '@keyward/runtime';
import { SOURCES } from '@keyward/sources';
import { describe, expect, it } from 'vitest';
import { LINE, ROLES, TOPICS } from './index.js';

describe('the line', () => {
  it('has one stage a role, each with a group of its own', () => {
    expect(LINE.map(({ role }) => role)).toEqual(ROLES);
    expect(new Set(LINE.map(({ group }) => group)).size).toBe(ROLES.length);
  });

  it('is straight: what a stage reads comes from outside or from the stage before it', () => {
    const outside = new Set([...SOURCES.map(({ id }) => rawTopic(id)), VERDICTS_TOPIC, DECISIONS_TOPIC]);
    LINE.forEach(({ reads }, index) => {
      for (const topic of reads) if (!outside.has(topic)) expect(LINE[index - 1]?.writes).toContain(topic);
    });
  });

  it('ends nowhere else: what a stage writes is read by the next one, or is the dead letter', () => {
    LINE.forEach(({ writes }, index) => {
      for (const topic of writes) if (topic !== DEAD_LETTER_TOPIC) expect(LINE[index + 1]?.reads).toContain(topic);
    });
  });

  it('reads every source, and what people say of alerts', () => {
    expect(LINE[0]?.reads).toEqual([...SOURCES.map(({ id }) => rawTopic(id)), VERDICTS_TOPIC]);
  });

  it('makes each topic once', () => {
    const names = TOPICS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(names)).toEqual(new Set([...LINE.flatMap(({ reads, writes }) => [...reads, ...writes]), CURSORS_TOPIC]));
  });
});
