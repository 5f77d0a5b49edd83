import type { ReactNode } from 'react';

type Column =
  | string
  | {
      readonly title: string;
      /** Numbers and instants stand to the right. */
      readonly right?: boolean;
      /** Left out on a phone. */
      readonly wideOnly?: boolean;
      /** For screen readers only: the column of buttons. */
      readonly hidden?: boolean;
    };
interface Props {
  readonly columns: readonly Column[];
  /** On a phone each row is a card: its cells say their column by `data-label`, `data-main` or `data-mark`. */
  readonly cards?: boolean;
  /** The rows. */
  readonly children: ReactNode;
}

/** A table as wide as its box; what does not fit is scrolled to within it. */
export const Table = ({ columns, cards = false, children }: Props) => (
  <div className="kw-table-box">
    <table className="kw-table" data-cards={cards || undefined}>
      <thead>
        <tr>
          {columns.map((column) => (
            <Heading key={typeof column === 'string' ? column : column.title} column={column} />
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

function Heading({ column }: { readonly column: Column }) {
  if (typeof column === 'string') return <th>{column}</th>;
  const { title, right, wideOnly, hidden } = column;
  return (
    <th data-right={right} className={wideOnly ? 'kw-wide-only' : undefined}>
      {hidden ? <span className="kw-hidden">{title}</span> : title}
    </th>
  );
}
