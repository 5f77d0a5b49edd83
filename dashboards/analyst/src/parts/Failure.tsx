import { explainError } from '../api/explain-error.js';

/** Why something that was asked for was not done, above the form that asked. */
export function Failure({ error }: { readonly error: unknown }) {
  const said = explainError(error);
  return (
    <div className="kw-banner" data-tone="danger" role="alert">
      <span>
        <strong>{said.title}.</strong> {said.detail}
      </span>
    </div>
  );
}
