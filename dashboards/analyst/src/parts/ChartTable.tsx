import type { Link as ContractLink } from '@keyward/contract';
import { useId, useState, type ReactNode } from 'react';
import { formatCount } from '../format/number.js';
import { RowsLink } from './links.js';

/** A number that leads to its rows, or plain text. `text` is shown instead of the count where that is no whole number. */
export type ChartCell = string | { readonly count: number; readonly text?: string; readonly rows: ContractLink; readonly label: string };
export interface ChartRow {
  readonly key: string;
  /** The first is the row's heading. */
  readonly cells: readonly [string, ...ChartCell[]];
}
interface Props {
  /** What the table is of, for readers: `Alerts by severity`. */
  readonly caption: string;
  /** The first is of the row headings; numbers stand to the right. */
  readonly columns: readonly [string, ...string[]];
  readonly rows: readonly ChartRow[];
  /** What the table leaves out, or how it is to be read. */
  readonly note?: string;
  /** The picture. */
  readonly children: ReactNode;
}

/** A picture that can be read as a table instead: every part of it by keyboard and screen reader, each number with its link. */
export function ChartTable({ caption, columns, rows, note, children }: Props) {
  const [shown, setShown] = useState(false);
  const id = useId();
  const [heading, ...values] = columns;
  return (
    <>
      {shown ? (
        <div id={id} className="kw-chart-table" tabIndex={0} role="region" aria-label={`${caption}, as a table`}>
          <table className="kw-table">
            <caption className="kw-hidden">{caption}</caption>
            <thead>
              <tr>
                <th scope="col">{heading}</th>
                {values.map((column) => (
                  <th key={column} scope="col" data-right>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, cells: [name, ...cells] }) => (
                <tr key={key}>
                  <th scope="row">{name}</th>
                  {cells.map((cell, i) => (
                    <td key={i} data-right className="kw-num">
                      {typeof cell === 'string' ? (
                        cell
                      ) : cell.count === 0 ? (
                        <span className="kw-muted">0</span>
                      ) : (
                        <RowsLink link={cell.rows} label={`${cell.text ?? formatCount(cell.count)} ${cell.label}`}>
                          {cell.text ?? formatCount(cell.count)}
                        </RowsLink>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        children
      )}
      <p className="kw-chart-table-foot">
        <button
          type="button"
          className="kw-button-plain kw-small"
          aria-expanded={shown}
          aria-controls={shown ? id : undefined}
          aria-label={`${shown ? 'Show as picture' : 'Show as table'}: ${caption}`}
          onClick={() => {
            setShown(!shown);
          }}
        >
          {shown ? 'Show as picture' : 'Show as table'}
        </button>
        {shown && note !== undefined && <span className="kw-muted kw-small">{note}</span>}
      </p>
    </>
  );
}
