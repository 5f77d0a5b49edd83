import { z } from 'zod';

/** One feature's share of a score, with all that is needed to say it in words. */
export const Term = z.object({
  feature: z.string().describe('`A1_network`, `A3_time_of_week` ...: ids of the models'),
  observed: z.string().describe('The value of this event, as a person would say it'),
  usual: z
    .array(z.object({ value: z.string(), share: z.number().min(0).max(1) }))
    .describe('Most frequent values of the identity, at most 3'),
  evidence: z.number().describe('Nats; how much more an attacker than the identity explains the value'),
  p: z.number().min(0).max(1).describe('Share of events of the same stratum with at least this evidence'),
  share: z.number().min(0).max(1).describe('Of the combined score'),
  counts: z.object({ person: z.number(), peers: z.number(), all: z.number() }).describe('How often the value was seen'),
  confidence: z.number().min(0).max(1).describe('n_u / (n_u + k1): how far the person rather than the peers speak'),
  factors: z
    .array(z.object({ name: z.string(), factor: z.number() }))
    .describe('What scaled the evidence and why: shared egress, announced change ...'),
  scoreWithout: z.number().min(0).max(100).describe('Counterfactual: the score if this term were usual'),
  sentence: z.string().describe('Observed, usual, how sure: one plain sentence'),
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
