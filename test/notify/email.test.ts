import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { emailProvider, emailSettings } from '../../shared/notify/providers/email.ts';
import { atEnd } from '../support/at-end.ts';
import { notificationFor } from './samples.ts';

type Answers = Readonly<Record<string, string>>;

/** A server of SMTP, as far as one mail goes. @see https://www.rfc-editor.org/rfc/rfc5321#section-4.2 */
async function smtpServer(t: TestContext, answers: Answers = {}) {
  const mails: string[] = [];
  const commands: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let data: string[] | undefined;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say('220 mail.example ESMTP');
    createInterface({ input: socket }).on('line', (line) => {
      if (data !== undefined) {
        if (line !== '.') return void data.push(line);
        mails.push(data.join('\n'));
        data = undefined;
        return say(answers['.'] ?? '250 2.0.0 queued');
      }
      commands.push(line);
      const verb = line.split(' ', 1)[0]?.toUpperCase() ?? '';
      const answer = answers[verb];
      if (answer !== undefined) return say(answer);
      if (verb === 'EHLO') return say('250-mail.example\r\n250 AUTH PLAIN');
      if (verb === 'DATA') data = [];
      say(
        verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : verb === 'AUTH' ? '235 ok' : '250 ok',
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => void server.close());
  return { port: (server.address() as AddressInfo).port, mails, commands };
}

const send = (port: number, changes: object = {}, notification = notificationFor()) =>
  emailProvider.send(
    notification,
    emailSettings.parse({
      host: '127.0.0.1',
      port,
      tls: 'off',
      username: 'landfall',
      password: { value: 'canary-password' },
      from: 'landfall@example.com',
      to: ['ops@example.com', 'web@example.com'],
      ...changes,
    }),
    {
      secret: async (where) => (typeof where !== 'string' && 'value' in where ? where.value : ''),
      http: async () => ({ status: 500, headers: {}, body: '' }),
      publish: async () => undefined,
      goesTo: () => undefined,
      signal: new AbortController().signal,
    },
  );

test('a mail goes to all, with an id that stays the same and a subject of one line', async (t) => {
  const { port, mails, commands } = await smtpServer(t);
  const hostile = notificationFor({ title: 'web/app fails\r\nBcc: evil@example.com', text: '.\nwith a dot' });
  await send(port, {}, hostile);
  await send(port, {}, hostile);
  const [first = '', second = ''] = mails;
  const idOf = (mail: string): string | undefined => /^Message-ID: (.*)$/m.exec(mail)?.[1];
  assert.ok(idOf(first));
  assert.equal(idOf(first), idOf(second));
  assert.ok(!/^Bcc:/m.test(first.split('\n\n', 1)[0] ?? ''), first);
  assert.match(first, /^Subject: =\?UTF-8\?/m);
  assert.match(first, /with a dot/);
  const recipients = commands.filter((line) => line.startsWith('RCPT TO')).slice(0, 2);
  assert.deepEqual(recipients, ['RCPT TO:<ops@example.com>', 'RCPT TO:<web@example.com>']);
});

const FAILURES: readonly (readonly [what: string, answers: Answers, code: string])[] = [
  ['a mailbox that is full for now', { RCPT: '452 4.2.2 full' }, 'NOTIFY_UNAVAILABLE'],
  ['a mailbox that there is not', { RCPT: '550 5.1.1 no such user' }, 'NOTIFY_REFUSED'],
  ['a login that is wrong', { AUTH: '535 5.7.8 bad credentials' }, 'NOTIFY_REFUSED'],
  ['a mail that is not taken now', { '.': '451 4.3.0 later' }, 'NOTIFY_UNAVAILABLE'],
];
for (const [what, answers, code] of FAILURES)
  test(`${what} is ${code}`, async (t) => {
    const { port } = await smtpServer(t, answers);
    await assert.rejects(send(port), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.ok(!error.message.includes('canary-password'));
      return true;
    });
  });

test('no password goes to a server that does not encrypt, unless the document says so', async (t) => {
  const { port, commands } = await smtpServer(t);
  await assert.rejects(send(port, { tls: 'starttls' }), { code: 'NOTIFY_UNAVAILABLE' });
  assert.ok(!commands.some((line) => line.startsWith('AUTH')), commands.join('\n'));
});
