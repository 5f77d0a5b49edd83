import { Button, CopyButton, Modal } from '@mantine/core';

/** A secret that is shown this once. */
export function OnceShown({
  title,
  secret,
  note,
  onClose,
}: {
  readonly title: string;
  readonly secret: string | undefined;
  readonly note: string;
  readonly onClose: () => void;
}) {
  return (
    <Modal opened={secret !== undefined} onClose={onClose} title={title} closeOnClickOutside={false}>
      {secret !== undefined && (
        <div className="kw-stack">
          <div className="kw-banner">Copy it now: it cannot be shown again. {note}</div>
          <code className="kw-json kw-mono" style={{ padding: 10, background: 'var(--kw-raised)', borderRadius: 6 }}>
            {secret}
          </code>
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button size="xs" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </div>
      )}
    </Modal>
  );
}
