import type { Role } from '@keyward/contract';
import { Button, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useMay } from '../app/session.js';

interface Props extends Pick<ButtonProps, 'size' | 'variant' | 'color' | 'loading'> {
  /** The least role that may. */
  readonly needs: Role;
  readonly disabled?: boolean;
  /** What is to be known of it, or why it is disabled, where the role is not why. */
  readonly title?: string | undefined;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/** A button that would only be refused is shown disabled, with the reason. */
export function RoleButton({ needs, disabled = false, title, ...button }: Props) {
  const may = useMay(needs);
  return <Button {...button} disabled={!may || disabled} title={may ? title : `Needs the role ${needs}`} />;
}
