import type { AccountLinkView } from '@keyward/contract';
import { Modal, Radio, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../../api/client.js';
import { ReasonedForm } from '../../parts/ReasonedForm.js';
import { ruleWords } from './link-words.js';

export type LinkQuestion = Pick<AccountLinkView, 'system' | 'name' | 'candidates'>;

const NOBODY = '\u0000nobody';
const SOMEBODY_ELSE = '\u0000else';

/** Whose an account is, said by a person, with a reason. */
export function LinkDialog({ question, onClose }: { readonly question: LinkQuestion | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={question !== undefined} onClose={onClose} title={`Whose is ${question?.name ?? ''}?`}>
      {question && <LinkForm key={`${question.system}:${question.name}`} question={question} onDone={onClose} />}
    </Modal>
  );
}

function LinkForm({ question, onDone }: { readonly question: LinkQuestion; readonly onDone: () => void }) {
  const { system, name, candidates } = question;
  const [choice, setChoice] = useState(candidates.length === 0 ? SOMEBODY_ELSE : '');
  const [other, setOther] = useState('');
  const identity = choice === NOBODY ? null : choice === SOMEBODY_ELSE ? other.trim() : choice;
  return (
    <ReasonedForm
      act={(reason) => call('links.decide', { body: { system, name, identity, reason } })}
      changes={['links', 'identities']}
      done="Decided. It holds for events from now on."
      onDone={onDone}
      submit="Decide"
      isReady={identity !== ''}
    >
      <p className="kw-muted kw-small">An account of {system}. What you say comes before every rule, and can be taken back.</p>
      <Radio.Group label="It belongs to" value={choice} onChange={setChoice}>
        <div className="kw-stack" style={{ gap: 12, marginTop: 8 }}>
          {candidates.map((candidate) => (
            <Radio
              key={candidate.identity.id}
              size="xs"
              value={candidate.identity.id}
              data-autofocus
              label={[candidate.identity.displayName, ruleWords(candidate.rules)].filter((text) => text !== '').join(', ')}
            />
          ))}
          <Radio size="xs" value={SOMEBODY_ELSE} data-autofocus label={candidates.length === 0 ? 'An identity' : 'Somebody else'} />
          {choice === SOMEBODY_ELSE && (
            <TextInput
              aria-label="Id of the identity"
              placeholder="Id of the identity"
              value={other}
              onChange={(event) => {
                setOther(event.currentTarget.value);
              }}
            />
          )}
          <Radio size="xs" value={NOBODY} label="Nobody of them: it stands on its own" />
        </div>
      </Radio.Group>
    </ReasonedForm>
  );
}
