import { useState, type ChangeEvent } from 'react';

interface Field<Value extends string> {
  readonly value: Value;
  readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>) => void;
}
/**
 * One input of a form: spread it into the input, read its `value`.
 * @param read makes the value of what was chosen, where not every text is one
 */
export function useField(initial: string): Field<string>;
export function useField<Value extends string>(initial: Value, read: (text: string) => Value): Field<Value>;
export function useField(initial: string, read: (text: string) => string = (text) => text): Field<string> {
  const [value, setValue] = useState(initial);
  return {
    value,
    onChange: (event) => {
      setValue(read(event.currentTarget.value));
    },
  };
}
