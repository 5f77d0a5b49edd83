import { z } from 'zod';

/** What the sentences of some features tell beyond the term's own fields. Each member is of one feature. */
const TermDetails = z.object({
  act: z.boolean().optional().describe('A1: true when the event is not a sign-in'),
  device: z.string().optional().describe('A2: name of the device'),
  expectedShare: z.number().min(0).max(1).optional().describe('A3: share of the acts expected at times as rare as this'),
  journey: z
    .object({
      from: z.string(),
      leftAt: z.number().int().describe('Epoch ms'),
      to: z.string(),
      elapsedMs: z.number().int().describe('Negative: the record is older than the one it is measured from'),
      leastKm: z.number().nonnegative().describe('Between the places, less what both are uncertain by'),
      uncertainKm: z.number().nonnegative(),
      sameToken: z.boolean().describe('One session token was shown at both ends, from two networks'),
    })
    .optional()
    .describe('A4: only of a journey that is too fast'),
  measured: z
    .object({ count: z.string(), value: z.number().nonnegative(), expected: z.number().nonnegative() })
    .optional()
    .describe(
      'A6, B3, B4, C2: how many, how long (B4: days, C2: minutes, of an approval seconds), how many bytes, and the mean that was expected',
    ),
  change: z.string().optional().describe('C1: requested, approved, granted or activated'),
  commands: z
    .object({
      position: z.number().int().positive().describe('Of the command in its block: verbs so far, this one among them'),
      leastP: z.number().min(0).max(1).describe('Least p that an earlier command of the block was given; 1 for the first'),
      unusual: z
        .array(z.object({ verb: z.string(), times: z.number().int() }))
        .describe('Verbs of the block that speak most for somebody else, at most 3; none when the block is as usual'),
    })
    .optional()
    .describe('B2'),
  downgrade: z.boolean().optional().describe('A5: true when a usual second factor is missing'),
});
export type TermDetails = z.infer<typeof TermDetails>;

/** One feature's share of a score: data only. {@link sentenceOf} says it in words, where somebody reads it. */
export const Term = z.object({
  feature: z.string().describe('`A1_network`, `A3_time_of_week` ...: ids of the models'),
  observed: z.string().describe('The value of this event, as a person would say it'),
  usual: z
    .array(z.object({ value: z.string(), share: z.number().min(0).max(1) }))
    .describe('Most frequent values of the identity, at most 3'),
  evidence: z.number().describe('Nats; how much more an attacker than the identity explains the value'),
  p: z.number().min(0).max(1).describe('Share of events of the same stratum with at least this evidence'),
  share: z.number().min(0).max(1).describe('Of the combined score'),
  counts: z
    .object({ person: z.number(), peers: z.number(), all: z.number() })
    .describe('How often the value was seen; of a count or measure, how many it is compared with'),
  confidence: z.number().min(0).max(1).describe('n_u / (n_u + k1): how far the person rather than the peers speak'),
  factors: z
    .array(z.object({ name: z.string(), factor: z.number() }))
    .describe('What scaled the evidence and why: shared egress, announced change ...'),
  scoreWithout: z.number().min(0).max(100).describe('Counterfactual: the score if this term were usual'),
  history: z.number().int().nonnegative().describe('Acts of the identity that spoke of the feature, decayed; 0 for A4, which counts none'),
  details: TermDetails.optional(),
  sentence: z.string().optional().describe('Only in rows of versions that wrote it down'),
});
export type Term = z.infer<typeof Term>;

/** The score of one event, made before its identity's profile learned from it. */
export const Assessment = z.object({
  eventUid: z.string(),
  identity: z.string(),
  time: z.number().int(),
  score: z.number().min(0).max(100).describe('100 (1 - exp(-e / 10)) with e = -ln p, quantised to 1e-6'),
  p: z.number().min(0).max(1),
  terms: z.array(Term).describe('Strongest first; only features that could be evaluated'),
  notEvaluated: z.array(z.object({ feature: z.string(), why: z.string() })),
  snapshot: z.string().describe('Id of the population snapshot it was scored with'),
  stratum: z.string(),
});
export type Assessment = z.infer<typeof Assessment>;
