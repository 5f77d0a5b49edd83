import type { IdentityCard } from '@keyward/contract';
import { words } from '../format/words.js';
import { Tag } from './marks.js';

/** What makes an identity worth a second look. */
export function IdentityTags({ identity }: { readonly identity: IdentityCard }) {
  return (
    <>
      {identity.kind !== 'human' && <Tag>{words(identity.kind)}</Tag>}
      {identity.privileged && <Tag tone="accent">privileged</Tag>}
      {identity.criticality >= 1.5 && <Tag tone="accent">{identity.criticality >= 2 ? 'critical' : 'important'}</Tag>}
      {identity.status === 'left' && <Tag tone="danger">has left</Tag>}
      {identity.status === 'not_started' && <Tag tone="warning">not started yet</Tag>}
      {identity.onLeave && <Tag tone="warning">on leave</Tag>}
      {identity.onCall && <Tag>on call</Tag>}
    </>
  );
}
