import type { VerdictView } from '@keyward/contract';
import { Modal } from '@mantine/core';
import { call } from '../../api/client.js';
import { ReasonedForm } from '../../parts/ReasonedForm.js';

/** Takes a verdict back, with a reason. */
export function UndoDialog({ verdict, onClose }: { readonly verdict: VerdictView | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={verdict !== undefined} onClose={onClose} title="Take the verdict back">
      {verdict && (
        <ReasonedForm
          act={(reason) => call('verdicts.undo', { params: { uid: verdict.uid }, query: { reason } })}
          changes={['alerts', 'verdicts', 'overview', 'identities']}
          done="Verdict taken back."
          onDone={onClose}
          submit="Take back"
        >
          <p className="kw-muted kw-small">
            From then on scores are as if it had not been given.
            {verdict.kind === 'benign' ? ' Its alert is open again.' : ' Its events count as usual again.'}
          </p>
        </ReasonedForm>
      )}
    </Modal>
  );
}
