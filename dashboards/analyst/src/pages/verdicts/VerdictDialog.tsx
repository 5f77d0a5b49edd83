import { DEFAULT_VERDICT_DAYS, type VerdictKind, type VerdictScope } from '@keyward/contract';
import { Modal, NativeSelect, Radio } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { verdictPreviewQuery } from '../../api/queries.js';
import { ReasonedForm } from '../../parts/ReasonedForm.js';
import { Async } from '../../parts/states.js';
import { PreviewFacts } from './PreviewFacts.js';

const DAY_LENGTH = 10;
const LASTS: readonly (readonly [days: number, label: string])[] = [
  [1, 'a day'],
  [7, 'a week'],
  [30, '30 days'],
  [DEFAULT_VERDICT_DAYS, '90 days'],
  [180, '180 days'],
  [365, 'a year'],
];
interface Props {
  readonly alertUid: string;
  /** Undefined: closed. */
  readonly asked: VerdictKind | undefined;
  readonly onClose: () => void;
}

/** A verdict is seen before it is given. */
export function VerdictDialog({ alertUid, asked, onClose }: Props) {
  return (
    <Modal opened={asked !== undefined} onClose={onClose} size="lg" title={asked === 'malicious' ? 'It was an attack' : 'It was benign'}>
      {asked && <VerdictForm alertUid={alertUid} kind={asked} onDone={onClose} />}
    </Modal>
  );
}

function VerdictForm({ alertUid, kind, onDone }: { readonly alertUid: string; readonly kind: VerdictKind; readonly onDone: () => void }) {
  const [scope, setScope] = useState<VerdictScope>('identity');
  const [days, setDays] = useState(DEFAULT_VERDICT_DAYS);
  const preview = useQuery(verdictPreviewQuery(alertUid, { kind, scope, days }));
  const peers = preview.data?.peers;
  return (
    <ReasonedForm
      act={(reason) => call('verdicts.create', { params: { uid: alertUid }, body: { kind, scope, days, reason } })}
      changes={['alerts', 'verdicts', 'overview', 'identities']}
      done="Verdict recorded. Scores follow within seconds, those of other people from the next UTC day on."
      onDone={onDone}
      submit={kind === 'malicious' ? 'Call it an attack' : 'Call it benign'}
      danger={kind === 'malicious'}
      isReady={preview.data !== undefined && !preview.isPlaceholderData}
      readers="For whoever sees a lower or higher score because of it"
    >
      {kind === 'benign' && (
        <Radio.Group
          label="Accepted of"
          value={scope}
          onChange={(value) => {
            setScope(value === 'peers' ? 'peers' : 'identity');
          }}
        >
          <div className="kw-stack" style={{ gap: 12, marginTop: 8 }}>
            <Radio size="xs" value="identity" label="This identity" data-autofocus />
            <Radio
              size="xs"
              value="peers"
              disabled={peers?.group == null}
              label={peers?.group == null ? 'Its closest peers' : `All ${peers.members} of ${peers.group}`}
            />
          </div>
        </Radio.Group>
      )}
      <NativeSelect
        label="It counts for"
        data-autofocus
        description={preview.data ? `until ${preview.data.expiresAt.slice(0, DAY_LENGTH)}; it can be taken back at any time` : undefined}
        value={String(days)}
        data={LASTS.map(([value, label]) => ({ value: String(value), label }))}
        onChange={(event) => {
          setDays(Number(event.currentTarget.value));
        }}
      />
      <div aria-busy={preview.isFetching} className={preview.isPlaceholderData ? 'kw-stale' : undefined}>
        <Async query={preview} rows={4} height={20}>
          {(shown) => <PreviewFacts preview={shown} />}
        </Async>
      </div>
    </ReasonedForm>
  );
}
