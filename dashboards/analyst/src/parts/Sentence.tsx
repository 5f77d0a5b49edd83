import { EventLink } from './links.js';

const EVENT = /\bevent ([0-9a-f]{32})\b/;

/** A sentence of a detection. An event that it names by its uid becomes a link: nobody reads 32 hexadecimal digits. */
export function Sentence({ text }: { readonly text: string }) {
  const found = EVENT.exec(text);
  if (!found?.[1]) return <>{text}</>;
  const [named, uid] = [found[0], found[1]];
  return (
    <>
      {text.slice(0, found.index)}
      <EventLink uid={uid}>this event</EventLink>
      <Sentence text={text.slice(found.index + named.length)} />
    </>
  );
}
