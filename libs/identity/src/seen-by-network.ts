import type { AccessEvent, Account } from '@keyward/events';

/**
 * What a network's ledger gets of an event: who tried to sign in from where, and what came of it, and the id of the device. All else of it, place, session and
 * resource are the identity's business; as the whole event stands in that ledger, carrying them twice would only fill the topic.
 *
 * A detection of the network ledger that needs more adds its field here.
 */
export function seenByNetwork({
  uid,
  nativeId,
  source,
  time,
  class: eventClass,
  activity,
  code,
  outcome,
  actor,
  target,
  src,
  device,
  auth,
}: AccessEvent): AccessEvent {
  return {
    uid,
    nativeId,
    source,
    time,
    class: eventClass,
    activity,
    code,
    outcome,
    ...(actor && { actor: login(actor) }),
    ...(target && { target: login(target) }),
    ...(src && { src: { ...(src.ip !== undefined && { ip: src.ip }) } }),
    ...(device?.id !== undefined && { device: { id: device.id } }),
    ...(auth && {
      auth: {
        ...(auth.failure !== undefined && { failure: auth.failure }),
        ...(auth.interactive !== undefined && { interactive: auth.interactive }),
      },
    }),
  };
}

const login = ({ system, name, identity }: Account): Account => ({ system, name, ...(identity !== undefined && { identity }) });
