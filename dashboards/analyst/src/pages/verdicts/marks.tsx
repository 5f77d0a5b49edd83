import type { VerdictKind, VerdictView } from '@keyward/contract';
import { Tag } from '../../parts/marks.js';

export const KindTag = ({ kind }: { readonly kind: VerdictKind }) => (
  <Tag tone={kind === 'malicious' ? 'danger' : 'positive'}>{kind === 'malicious' ? 'Attack' : 'Benign'}</Tag>
);

/** In force means nothing until scoring has taken it in. */
export function VerdictStateTag({ verdict: { state, isApplied } }: { readonly verdict: VerdictView }) {
  if (state === 'undone') return <Tag>Taken back</Tag>;
  if (state === 'expired') return <Tag>Expired</Tag>;
  return isApplied ? <Tag tone="accent">In force</Tag> : <Tag tone="warning">Being taken in</Tag>;
}
