import { Link } from '@tanstack/react-router';
import { EmptyState } from '../parts/states.js';

export function NotFoundPage() {
  return (
    <main>
      <EmptyState title="There is no such page">
        <Link to="/">Go to the overview</Link>
      </EmptyState>
    </main>
  );
}
