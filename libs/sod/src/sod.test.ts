import fc from 'fast-check';
import type { AccessEvent } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import {
  advanceExercise,
  compileSod,
  conflictsOfEntitlements,
  exercisedConflicts,
  parseSod,
  SodPolicy,
  type ExerciseState,
} from './index.js';
import { compileWildcard } from './wildcard.js';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 5, 12);
const nobody = { identity: 'p', groups: new Set<string>() };
const held = (entitlement: string, more: object = {}) => ({ entitlement, since: 0, via: 'context', ...more });
const policy = (rule: object, more: object = {}) =>
  compileSod(
    SodPolicy.parse({
      functions: {
        create: { entitlements: ['okta:group:create-*'], activities: [{ source: 'okta', action: 'create' }] },
        pay: { entitlements: ['*:role:pay'], activities: [{ action: 'pay', object: 'inv-*' }] },
        check: { entitlements: ['okta:app:check'], activities: [{ action: 'check' }] },
      },
      rules: [{ id: 'R', functions: ['create', 'pay'], ...rule }],
      ...more,
    }),
  );
const conflicts = (index: ReturnType<typeof policy>, list: Parameters<typeof conflictsOfEntitlements>[1], subject = nobody, at = NOON) =>
  conflictsOfEntitlements(index, list, at, subject);

describe('wildcards', () => {
  it.each([
    ['okta:group:x', 'OKTA:group:X', true],
    ['okta:group:*', 'okta:group:', true],
    ['*:role:pay', 'entra:role:pay', true],
    ['*:role:pay', 'entra:role:payer', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['a.c', 'abc', false],
    ['', 'x', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compileWildcard(pattern)(text)).toBe(expected);
  });
  it('agree with a regular expression on whatever is tried', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(
        short,
        text,
        (pattern, subject) => compileWildcard(pattern)(subject) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(subject),
      ),
    );
  });
  it('take linear time on a hostile pattern', () => {
    const matches = compileWildcard(`${'*a'.repeat(2000)}b`);
    const started = performance.now();
    expect(matches('a'.repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('conflicts of what an identity has', () => {
  it('need every duty of the rule, and give one witness for each', () => {
    const index = policy({ functions: ['create', 'pay', 'check'] });
    expect(conflicts(index, [held('okta:group:create-v'), held('entra:role:pay')])).toEqual([]);
    const [conflict] = conflicts(index, [held('okta:group:create-v'), held('entra:role:pay'), held('okta:app:check')]);
    expect(conflict?.witness.map((step) => [step.function, step.held.entitlement])).toEqual([
      ['create', 'okta:group:create-v'],
      ['pay', 'entra:role:pay'],
      ['check', 'okta:app:check'],
    ]);
  });
  it('see one entitlement that gives both duties', () => {
    const index = compileSod(
      SodPolicy.parse({
        functions: { a: { entitlements: ['x:role:*'] }, b: { entitlements: ['*:role:root'] } },
        rules: [{ id: 'R', functions: ['a', 'b'] }],
      }),
    );
    expect(conflicts(index, [held('x:role:root')])).toHaveLength(1);
  });
  it('do not count what has ended or not begun', () => {
    const pay = (more: object) => conflicts(policy({}), [held('okta:group:create-v'), held('entra:role:pay', more)]).length;
    expect([pay({ until: NOON - 1 }), pay({ until: NOON }), pay({ since: NOON + 1 }), pay({ since: NOON })]).toEqual([0, 1, 0, 1]);
  });
  it('count an eligibility for assigned rules, never for overlapping ones', () => {
    const list = [held('okta:group:create-v'), held('entra:role:pay', { eligible: true })];
    expect(conflicts(policy({ when: 'assigned' }), list)).toHaveLength(1);
    expect(conflicts(policy({ when: 'overlapping' }), list)).toEqual([]);
  });
  it('show the same witness whatever the order', () => {
    const list = [held('okta:group:create-b', { since: 5 }), held('okta:group:create-a', { since: 9 }), held('entra:role:pay')];
    const path = (entitlements: typeof list) => conflicts(policy({}), entitlements)[0]?.witness;
    expect(path(list)).toEqual(path(list.toReversed()));
    expect(path(list)?.[0]?.held.entitlement).toBe('okta:group:create-b');
  });
});

describe('mitigations', () => {
  const both = [held('okta:group:create-v'), held('entra:role:pay')];
  const mitigated = (mitigation: object, subject: Parameters<typeof conflicts>[2] = nobody, at = NOON) =>
    conflicts(policy({}, { mitigations: [{ rule: 'R', ...mitigation }] }), both, subject, at)[0]?.mitigation !== undefined;
  it('cover an identity or a group', () => {
    expect(mitigated({ identity: 'p' })).toBe(true);
    expect(mitigated({ identity: 'q' })).toBe(false);
    expect(mitigated({ group: 'boss' }, { identity: 'p', groups: new Set(['boss']) })).toBe(true);
    expect(mitigated({ rule: 'other', identity: 'p' })).toBe(false);
  });
  it('last for whole local days, both ends included', () => {
    const dates = { identity: 'p', from: '2026-01-05', to: '2026-01-05' };
    const in_ = (at: string, utcOffsetMinutes = 0) => mitigated(dates, { ...nobody, utcOffsetMinutes } as typeof nobody, Date.parse(at));
    expect([in_('2026-01-04T23:59:59Z'), in_('2026-01-05T00:00:00Z'), in_('2026-01-05T23:59:59Z'), in_('2026-01-06T00:00:00Z')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([in_('2026-01-04T23:00:00Z', 60), in_('2026-01-05T23:00:00Z', 60)]).toEqual([true, false]);
  });
});

describe('conflicts of what an identity does', () => {
  const act = (code: string, time: number, name = 'inv-1'): AccessEvent => ({
    uid: `${code}-${time}-${name}`,
    nativeId: '',
    source: 'okta',
    time,
    class: 'api_activity',
    activity: 'update',
    code,
    outcome: 'success',
    resource: { kind: 'other', name },
  });
  const run = (index: ReturnType<typeof policy>, events: readonly AccessEvent[]) => {
    let state: ExerciseState = {};
    return events.flatMap((event) => {
      const found = exercisedConflicts(index, state, event, nobody);
      state = advanceExercise(index, state, event);
      return found.map((conflict) => conflict.witness.map(({ eventUid }) => eventUid));
    });
  };
  const exercised = policy({ when: 'exercised', windowHours: 2, sameObject: true });
  it('take both duties, on one object, within the window, in either order', () => {
    const create = act('create', NOON);
    const pay = act('pay', NOON + HOUR);
    expect(run(exercised, [create, pay])).toEqual([[create.uid, pay.uid]]);
    expect(run(exercised, [act('pay', NOON), act('create', NOON + HOUR)])).toHaveLength(1);
    expect(run(exercised, [create, act('pay', NOON + HOUR, 'inv-2')])).toEqual([]);
    expect(run(exercised, [create, act('pay', NOON + 3 * HOUR)])).toEqual([]);
    expect(run(exercised, [create, act('pay', NOON + HOUR, 'order-1')])).toEqual([]);
  });
  it('take any objects where the rule does not ask for one', () => {
    expect(run(policy({ when: 'exercised' }), [act('create', NOON), act('pay', NOON + 1, 'inv-9')])).toHaveLength(1);
  });
  it('need every duty of a rule of three', () => {
    const three = policy({ when: 'exercised', functions: ['create', 'pay', 'check'], sameObject: true });
    expect(run(three, [act('create', NOON), act('pay', NOON + 1)])).toEqual([]);
    expect(run(three, [act('create', NOON), act('pay', NOON + 1), act('check', NOON + 2)])).toHaveLength(1);
  });
  it('are never made by one act alone, even one that counts for two duties', () => {
    const index = compileSod(
      SodPolicy.parse({
        functions: { a: { activities: [{}] }, b: { activities: [{ action: 'p*' }] } },
        rules: [{ id: 'R', functions: ['a', 'b'], when: 'exercised' }],
      }),
    );
    expect(run(index, [act('pay', NOON)])).toEqual([]);
    expect(run(index, [act('pay', NOON), act('pay', NOON + 1)])).toHaveLength(1);
  });
  it('keep a bounded state', () => {
    let state: ExerciseState = {};
    for (let i = 0; i < 5000; i += 1)
      state = advanceExercise(exercised, state, act('create', NOON + i * 1000, `inv-${'x'.repeat(300)}${i}`));
    expect(JSON.stringify(state).length).toBeLessThan(32_000);
  });
  it('forget a rule that was taken out of the policy', () => {
    const state = advanceExercise(exercised, { gone: { create: [] } }, act('create', NOON));
    expect(Object.keys(state)).toEqual(['R']);
  });
});

describe('sod.json', () => {
  const problems = (value: unknown): readonly string[] => {
    const parsed = parseSod(typeof value === 'string' ? value : JSON.stringify(value));
    return parsed.kind === 'invalid' ? parsed.problems : [];
  };
  const functions = { a: { entitlements: ['x:role:a'] }, b: { entitlements: ['x:role:b'], activities: [{ action: 'b' }] } };
  it('is read with its defaults, and keeps unknown fields', () => {
    const parsed = parseSod(JSON.stringify({ functions, rules: [{ id: 'R', functions: ['a', 'b'], framework: 'SOX' }] }));
    expect(parsed).toMatchObject({
      kind: 'policy',
      policy: { rules: [{ when: 'assigned', severity: 'high', windowHours: 24, framework: 'SOX' }] },
    });
  });
  it.each<[string, unknown, string]>([
    ['what is no JSON', '{', 'not JSON'],
    ['a rule of one function', { functions, rules: [{ id: 'R', functions: ['a'] }] }, 'rules.0.functions'],
    [
      'a rule that names one function twice',
      { functions, rules: [{ id: 'R', functions: ['a', 'a'] }] },
      'rules.0 (R): needs two different functions',
    ],
    [
      'a function that is not defined',
      { functions, rules: [{ id: 'R', functions: ['a', 'c'] }] },
      'rules.0 (R): names the function "c", which the policy does not define',
    ],
    [
      'a function named like a method of objects',
      { functions, rules: [{ id: 'R', functions: ['a', 'constructor'] }] },
      'names the function "constructor"',
    ],
    ['two rules with one id', { functions, rules: [1, 2].map(() => ({ id: 'R', functions: ['a', 'b'] })) }, 'another rule has this id'],
    ['an empty pattern', { functions: { a: { entitlements: [''] } } }, 'functions.a.entitlements.0: is empty'],
    ['a pattern that can match nothing', { functions: { a: { entitlements: ['admins'] } } }, '"admins" is not <system>:<kind>:<name>'],
    ['an empty function', { functions: { a: {} } }, 'functions.a: has neither entitlements nor activities'],
    [
      'an exercised rule over a function without activities',
      { functions, rules: [{ id: 'R', functions: ['a', 'b'], when: 'exercised' }] },
      '"a" has no activities',
    ],
    ['a mitigation of no rule', { functions, mitigations: [{ rule: 'Z', identity: 'p' }] }, 'mitigations.0: names the rule "Z"'],
    [
      'a mitigation for nobody',
      { functions, rules: [{ id: 'R', functions: ['a', 'b'] }], mitigations: [{ rule: 'R' }] },
      'names neither an identity nor a group',
    ],
    [
      'a mitigation whose dates cannot be read',
      { functions, rules: [{ id: 'R', functions: ['a', 'b'] }], mitigations: [{ rule: 'R', identity: 'p', to: 'soon' }] },
      'is no date',
    ],
  ])('refuses %s', (_what, value, message) => {
    expect(problems(value).join('\n')).toContain(message);
  });
  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => ['policy', 'invalid'].includes(parseSod(text).kind)));
  });
});
