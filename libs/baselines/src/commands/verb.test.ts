import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verbsOf } from './verb.js';

describe('the verbs of a command line', () => {
  it.each([
    ['ls', ['ls']],
    ['ls -la /etc', ['ls']],
    ['/usr/bin/ls -la', ['ls']],
    ['sudo -u postgres /usr/bin/systemctl --no-pager restart nginx', ['sudo systemctl restart']],
    ['LANG=C nohup timeout 5 ./backup.sh &', ['backup.sh']],
    ['su - postgres', ['su']],
    ['git -C /srv/app push origin main', ['git push']],
    ['kubectl -n prod get pods', ['kubectl get']],
    ['aws --profile admin s3 cp a b', ['aws s3 cp']],
    ['service nginx restart', ['service nginx restart']],
    ['ps aux | grep "a;b" && rm -rf /tmp/x', ['ps', 'grep', 'rm']],
    ['make 2>&1 | tee log', ['make', 'tee']],
    ['Get-ADUser -Filter *', ['get-aduser']],
    ['C:\\Windows\\System32\\NET.EXE user evil /add', ['net user']],
    ['SELECT a, b FROM "HR"."Salaries" WHERE c = \';\'', ['select hr.salaries']],
    ['update users set role = 1', ['update users']],
    ['DROP TABLE audit', ['drop table']],
    ['GRANT DBA TO boris', ['grant sql']],
    ['sudo cat /etc/shadow', ['sudo cat (secrets)']],
    ['cp ~/.ssh/id_rsa /tmp/x', ['cp (secrets)']],
    ['reg save HKLM\\SAM sam.hiv', ['reg save (secrets)']],
    ["sed -i '/sshd/d' /var/log/auth.log", ['sed (logs)']],
    ['rm -f /root/.bash_history', ['rm (logs)']],
    ['cat /etc/hosts', ['cat']],
    ['update', ['update']],
    ['X', ['X']],
    ['', ['unreadable']],
    ['sudo', ['sudo']],
  ])('%s', (command, verbs) => {
    expect(verbsOf(command)).toEqual(verbs);
  });
  it('are one to eight, short, and the same each time, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        const verbs = verbsOf(text);
        expect(verbs.length).toBeGreaterThanOrEqual(1);
        expect(verbs.length).toBeLessThanOrEqual(8);
        for (const verb of verbs) {
          expect(verb.length).toBeGreaterThan(0);
          expect(verb.length).toBeLessThanOrEqual(48 + 8);
        }
        expect(verbsOf(text)).toEqual(verbs);
      }),
    );
  });
  it('of a program are the same with and without arguments', () => {
    expect(verbsOf('tar xzf a.tgz')).toEqual(verbsOf('tar'));
  });
});
