import type { AccountLinkView } from '@keyward/contract';
import { Modal } from '@mantine/core';
import { call } from '../../api/client.js';
import { ReasonedForm } from '../../parts/ReasonedForm.js';

/** Takes a decision on an account back, with a reason. */
export function LinkUndoDialog({ link, onClose }: { readonly link: AccountLinkView | undefined; readonly onClose: () => void }) {
  const uid = link?.decision?.uid;
  return (
    <Modal opened={link !== undefined} onClose={onClose} title="Take the decision back">
      {uid !== undefined && (
        <ReasonedForm
          act={(reason) => call('links.undo', { params: { uid }, query: { reason } })}
          changes={['links', 'identities']}
          done="Decision taken back."
          onDone={onClose}
          submit="Take back"
        >
          <p className="kw-muted kw-small">The rules say again whose the account is, for events from now on.</p>
        </ReasonedForm>
      )}
    </Modal>
  );
}
