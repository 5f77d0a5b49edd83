import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROUTE_LIST } from '@keyward/contract';
import { buildOpenApi } from './build-openapi.js';

const document = buildOpenApi();
const text = JSON.stringify(document, undefined, 2) + '\n';

describe('the OpenAPI description', () => {
  it('is what stands in apps/api/openapi.json (npm run openapi -w @keyward/api writes it)', () => {
    expect(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')).toBe(text);
  });
  it('has every route', () => {
    const operations = [...text.matchAll(/"operationId": "([^"]+)"/g)].map(([, name]) => name);
    expect(operations.toSorted()).toEqual(ROUTE_LIST.map(([name]) => name).toSorted());
  });
  it('refers to no schema that is not there', () => {
    const names = [...text.matchAll(/"\$ref": "#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(50);
    for (const name of new Set(names)) expect(text, name).toContain(`"${name ?? ''}": {`);
    expect(text).not.toMatch(/"\$ref": "(?!#\/components\/schemas\/)/);
  });
});
