import { describe, expect, it } from 'vitest';
import type { Term } from './assessment.js';
import { sentenceOf } from './sentence.js';

const aTerm = (more: Partial<Term>): Term => ({
  feature: 'A1_network',
  observed: 'AS64496 (DE)',
  usual: [
    { value: 'AS64500 (AT)', share: 0.94 },
    { value: 'AS64501 (AT)', share: 0.06 },
  ],
  evidence: 3,
  p: 0.01,
  share: 0.5,
  counts: { person: 0, peers: 0, all: 0 },
  confidence: 0.8,
  factors: [],
  scoreWithout: 1,
  history: 41,
  ...more,
});

describe('the sentence of a term', () => {
  it.each<[string, Partial<Term>, string]>([
    ['a sign-in', {}, 'Signed in from AS64496 (DE), never seen for this identity in 41 acts; usual: AS64500 (AT) 94 %, AS64501 (AT) 6 %.'],
    [
      'another act',
      { details: { act: true }, counts: { person: 0.3, peers: 0, all: 0 }, usual: [] },
      'Acted from AS64496 (DE), seen in 1 of 41 acts; usual: .',
    ],
    ['no history', { history: 0 }, "Signed in from AS64496 (DE), nothing is known of this identity's acts yet."],
    [
      'a device with a name',
      { feature: 'A2_device', observed: 'Firefox 140 on Linux', details: { device: 'anna-laptop' }, usual: [] },
      'Used Firefox 140 on Linux ("anna-laptop"), never seen for this identity in 41 acts; usual: .',
    ],
    [
      'a strange hour',
      { feature: 'A3_time_of_week', observed: 'weekend 03:15 local time', details: { expectedShare: 0.0004 }, usual: [] },
      "Was active on a weekend at 03:15 local time; of this identity's 41 acts, 0.04 % are expected at times as rare as this; usual: .",
    ],
    [
      'an hour without history',
      { feature: 'A3_time_of_week', observed: 'weekday 09:00 local time', history: 0 },
      "Was active on a weekday at 09:00 local time; this identity's hours are not known yet.",
    ],
    [
      'a journey that is possible',
      { feature: 'A4_travel', observed: 'Vienna, Innere Stadt to Graz, 145 km in 3.0 h' },
      'Vienna, Innere Stadt to Graz: 145 km in 3.0 h is possible.',
    ],
    [
      'a missing second factor',
      { feature: 'A5_method', observed: 'password, without second factor', details: { downgrade: true }, usual: [] },
      'Signed in by password, without second factor (MFA downgrade), never seen for this identity in 41 sign-ins; usual: .',
    ],
    [
      'a resource, with what scaled it',
      { feature: 'B1_resource', observed: 'host db1.example.com', usual: [], factors: [{ name: 'has an open ticket', factor: 0.5 }] },
      'Reached for host db1.example.com, never seen for this identity in 41 resource-days; usual: . Weighed by: has an open ticket (x 0.5).',
    ],
    [
      'a feature that this version does not have',
      { feature: 'Z9_of_tomorrow', observed: 'blue' },
      'blue; usual: AS64500 (AT) 94 %, AS64501 (AT) 6 %.',
    ],
    ['a row that holds its sentence', { sentence: 'As it was said then.' }, 'As it was said then.'],
  ])('tells %s', (_, more, sentence) => {
    expect(sentenceOf(aTerm(more))).toBe(sentence);
  });
});
