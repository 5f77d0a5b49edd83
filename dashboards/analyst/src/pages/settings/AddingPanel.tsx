import { Button, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Panel } from '../../parts/Panel.js';
import { OnceShown } from './OnceShown.js';

/** A secret that the service has just made, and whose it is; none where somebody chose it. */
export interface MadeSecret {
  readonly title: string;
  readonly secret: string | undefined;
  readonly note: string;
}
interface Props {
  readonly title: string;
  readonly note?: string;
  /** What adds one: `Add a user`. The button, and the title of its dialog. */
  readonly add: string;
  /** The form of the dialog; `onDone` closes it and shows the secret, this once. */
  readonly form: (onDone: (made: MadeSecret) => void) => ReactNode;
  /** The list. `onSecret` shows a secret that was made for one of its rows. */
  readonly children: (onSecret: (made: MadeSecret) => void) => ReactNode;
}

/** A list that can be added to, where what is added comes with a secret. */
export function AddingPanel({ title, note, add, form, children }: Props) {
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeSecret>();
  const close = (): void => {
    setAdding(false);
  };
  return (
    <Panel
      title={title}
      {...(note === undefined ? {} : { note })}
      side={
        <Button
          size="compact-xs"
          onClick={() => {
            setAdding(true);
          }}
        >
          {add}
        </Button>
      }
      flush
    >
      {children(setMade)}
      <Modal opened={adding} onClose={close} title={add}>
        {form((secret) => {
          close();
          setMade(secret);
        })}
      </Modal>
      <OnceShown
        title={made?.title ?? ''}
        secret={made?.secret}
        note={made?.note ?? ''}
        onClose={() => {
          setMade(undefined);
        }}
      />
    </Panel>
  );
}
