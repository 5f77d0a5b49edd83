import { z } from 'zod';

/** Every constant of the behaviour model with its reason. Defaults are those of the plan of record (scoring.md sections 2 to 5). */
export const BehaviourParameters = z
  .object({
    personShrinkage: z
      .number()
      .positive()
      .default(10)
      .describe('k1, pseudo-events of the peers: from about 10 own events on the person outweighs the group'),
    peerShrinkage: z
      .number()
      .positive()
      .default(50)
      .describe('k2, pseudo-events of the next wider group: a team of two must not look like a law'),
    eventsPerDay: z
      .number()
      .positive()
      .default(4)
      .describe(
        'Most events a day of the identity speaks with on average: the acts of one day share its place, device and hours, so thirty of them are no thirty proofs',
      ),
    peerEvents: z
      .number()
      .positive()
      .default(100)
      .describe(
        'Most events a peer group speaks with against the next wider one: its events are no independent proof of what a member never does',
      ),
    weekEventsPerDay: z
      .number()
      .positive()
      .default(100)
      .describe('Most events that a closed day gives the week of the population: a few days do not settle the shape of a week'),
    populationShrinkage: z
      .number()
      .positive()
      .default(20)
      .describe('t, pseudo-events of the parent value (network -> ASN -> country) in the population'),
    discount: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('d of Pitman-Yor: mass each known value gives to new ones, so an explorer surprises less'),
    concentration: z.number().positive().default(1).describe('t of Pitman-Yor for first use of a resource'),
    intelligenceShare: z
      .number()
      .min(0)
      .max(0.2)
      .default(0.2)
      .describe('e, at most 0.2: how far lists (Tor, hosting) may shape what an attacker is expected to do'),
    priorObservations: z
      .number()
      .positive()
      .default(200)
      .describe('Weight, in events, of the uncalibrated p against the histogram: with fewer events a 1 % quantile is a guess'),
    tailQuantile: z.number().min(0.5).max(0.999).default(0.99).describe('Beyond it a generalised Pareto tail replaces the bins'),
    tailPriorExceedances: z
      .number()
      .positive()
      .default(10)
      .describe('Pseudo-exceedances of mean 1 nat (the tail of a likelihood ratio) that steady the Pareto fit'),
    calibrationDays: z
      .number()
      .int()
      .positive()
      .default(28)
      .describe('Closed days in the histograms: four whole weeks, so each weekday counts alike'),
    learnAboveP: z.number().min(0).max(1).default(0.01).describe('Above it an event teaches at once'),
    neverLearnBelowP: z.number().min(0).max(1).default(1e-4).describe('At or below it an event never teaches by itself'),
    holdHours: z
      .number()
      .positive()
      .default(72)
      .describe('Wait before a doubtful event teaches: time for an analyst to dispute it, a weekend included'),
    holdCapacity: z
      .number()
      .int()
      .positive()
      .default(8)
      .describe('Doubtful events kept; the oldest falls out unlearned, so the profile stays small'),
    resetAfterDays: z.number().int().positive().default(60).describe('Silence after which old habits prove nothing: two half-lives'),
    sharedEgressIdentities: z
      .number()
      .int()
      .min(2)
      .max(16)
      .default(5)
      .describe('Others seen at a network or place before it counts as shared'),
    newsShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('Share of a group with the same new value in one day that makes it a roll-out'),
    newsIdentities: z.number().int().min(2).default(3).describe('And at least so many of them: two colleagues are no roll-out'),
    newsDays: z.number().int().min(1).default(7).describe('Days a roll-out stays known: not everybody signs in on the day it starts'),
    valuesPerGroup: z
      .number()
      .int()
      .positive()
      .default(2_000)
      .describe('Most frequent values kept for each group and level: bounds the snapshot'),
    egressNetworks: z
      .number()
      .int()
      .positive()
      .default(20_000)
      .describe('Networks and places kept with their identities: bounds the snapshot'),
    identityDayCap: z
      .number()
      .int()
      .positive()
      .default(20)
      .describe('Events of one identity, value and day that count for the population: a busy service must not outvote the people'),
  })
  .readonly();
export type BehaviourParameters = z.infer<typeof BehaviourParameters>;
