import { writeFileSync } from 'node:fs';
import { buildOpenApi } from './build-openapi.js';

/** Writes `apps/api/openapi.json`, which a test compares with the contract. The same from src/ and from dist/. */
writeFileSync(new URL('../../openapi.json', import.meta.url), `${JSON.stringify(buildOpenApi(), undefined, 2)}\n`);
