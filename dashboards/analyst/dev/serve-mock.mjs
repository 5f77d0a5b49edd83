// `npm run mock`: the built dashboard on made-up data. Sign in as mia, password: correct horse battery
import { fileURLToPath } from 'node:url';
import { loadMock } from './load-mock.mjs';

const { MockApi, MOCK_USER } = await loadMock();
const api = new MockApi({ dist: fileURLToPath(new URL('../dist', import.meta.url)), now: Date.now() });
api.use(process.argv[2] ?? 'full');
const address = await api.start(Number(process.env.PORT ?? 8787));
console.log(`${address}  user ${MOCK_USER.user}, password: ${MOCK_USER.password}`);
