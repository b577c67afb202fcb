import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDocuments } from '../../../shared/source/document.ts';
import { UNMAPPED_PROVIDERS } from '../../../shared/source/flux/notify/notify-provider.ts';

/** As in Flux's documentation. @see https://fluxcd.io/flux/components/notification/alerts/ */
const alert = (spec: string): string => `
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata: { name: team, namespace: apps }
spec: { providerRef: { name: chat }, ${spec} }
`;
const provider = (spec: string): string => `
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata: { name: chat, namespace: apps }
spec: { ${spec} }
`;
const secret = (values: string): string => `
apiVersion: v1
kind: Secret
metadata: { name: hook, namespace: apps }
stringData: { ${values} }
`;
const ALL = 'eventSources: [{ kind: OCIRepository, name: "*" }]';

const read = (...documents: readonly string[]) =>
  parseDocuments([{ file: 'flux.yaml', text: documents.join('---') }]);

/** What each type of Flux's comes to. */
const MAPPED: readonly (readonly [
  type: string,
  provider: string,
  secret: string,
  ours: string,
  settings: object,
])[] = [
  [
    'slack',
    'type: slack, channel: general, secretRef: { name: hook }',
    'address: https://hooks.example/a',
    'slack',
    { url: { value: 'https://hooks.example/a' }, channel: 'general' },
  ],
  [
    'slack with a bot',
    'type: slack, channel: general, address: https://slack.com/api/chat.postMessage, secretRef: { name: hook }',
    'token: xoxb-1',
    'slack',
    { token: { value: 'xoxb-1' }, channel: 'general' },
  ],
  [
    'rocket',
    'type: rocket, secretRef: { name: hook }',
    'address: https://rocket.example/hooks/a',
    'slack',
    { url: { value: 'https://rocket.example/hooks/a' } },
  ],
  [
    'discord',
    'type: discord, secretRef: { name: hook }',
    'address: https://discord.example/a',
    'discord',
    { url: { value: 'https://discord.example/a' } },
  ],
  [
    'msteams',
    'type: msteams, secretRef: { name: hook }',
    'address: https://teams.example/a',
    'teams',
    { url: { value: 'https://teams.example/a' } },
  ],
  [
    'googlechat',
    'type: googlechat, secretRef: { name: hook }',
    'address: https://chat.example/a',
    'google-chat',
    { url: { value: 'https://chat.example/a' } },
  ],
  [
    'pagerduty',
    'type: pagerduty, channel: key, address: "https://events.eu.pagerduty.com"',
    '',
    'pagerduty',
    { routingKey: { value: 'key' }, url: 'https://events.eu.pagerduty.com/v2/enqueue' },
  ],
  [
    'generic',
    'type: generic, address: https://own.example/a, secretRef: { name: hook }',
    'headers: "X-Key: one"',
    'webhook',
    { url: { value: 'https://own.example/a' }, headers: { 'X-Key': { value: 'one' } } },
  ],
  [
    'generic-hmac',
    'type: generic-hmac, address: https://own.example/a, secretRef: { name: hook }',
    'token: key',
    'webhook',
    { url: { value: 'https://own.example/a' }, hmac: { value: 'key' } },
  ],
  [
    'github',
    'type: github, address: https://github.com/team/app, secretRef: { name: hook }',
    'token: t',
    'github',
    { repository: 'team/app', token: { value: 't' } },
  ],
  [
    'github of an own host',
    'type: github, address: https://ghe.example/team/app.git, secretRef: { name: hook }',
    'token: t',
    'github',
    { repository: 'team/app', token: { value: 't' }, url: 'https://ghe.example/api/v3' },
  ],
  [
    'gitlab',
    'type: gitlab, address: https://gitlab.com/group/sub/app, secretRef: { name: hook }',
    'token: t',
    'gitlab',
    { repository: 'group/sub/app', token: { value: 't' } },
  ],
  [
    'gitea',
    'type: gitea, address: https://git.example/team/app, secretRef: { name: hook }',
    'token: t',
    'gitea',
    { repository: 'team/app', token: { value: 't' }, url: 'https://git.example' },
  ],
];
for (const [what, spec, values, ours, settings] of MAPPED)
  test(`a Provider of type ${what} is ${ours}`, () => {
    const { notify, notices } = read(alert(ALL), provider(spec), ...(values === '' ? [] : [secret(values)]));
    assert.deepEqual(notices, []);
    assert.equal(notify.length, 1);
    assert.equal(notify[0]?.type, ours);
    assert.deepEqual(notify[0]?.settings, settings);
  });

for (const type of UNMAPPED_PROVIDERS)
  test(`a Provider of type ${type} is told of by name, and stops nothing`, () => {
    const { notify, notices } = read(alert(ALL), provider(`type: ${type}, address: https://a.example`));
    assert.deepEqual(notify, []);
    assert.match(notices[0]?.message ?? '', new RegExp(`type "${type.replace('.', '\\.')}" is not sent to`));
  });

test('an Alert chooses by kind, name, namespace, severity and text, and adds its metadata', () => {
  const { notify } = read(
    alert(
      'eventSeverity: error, eventSources: [{ kind: OCIRepository, name: "*" }, { kind: Kustomization, name: web, namespace: prod }], exclusionList: ["timeout.*"], eventMetadata: { env: prod, "a/b": c }, summary: "here"',
    ),
    provider('type: generic, address: https://own.example/a'),
  );
  assert.deepEqual(
    notify.map(({ name, sources, deploys, events }) => ({ name, sources, deploys, events })),
    [
      { name: 'apps-team', sources: ['apps/*'], deploys: undefined, events: ['Source Reconcile Failed'] },
      { name: 'apps-team-deploys', sources: ['**'], deploys: ['prod-web'], events: ['Deploy Failed'] },
    ],
  );
  for (const { exclude, metadata } of notify) {
    assert.deepEqual(exclude, ['timeout.*']);
    assert.deepEqual(metadata, { 'x-env': 'prod', 'x-summary': 'here' });
  }
});

test('what cannot be told is a notice that says why, and no alert is wider than it was', () => {
  const chat = provider('type: generic, address: https://own.example/a');
  const cases: readonly (readonly [RegExp, readonly string[]])[] = [
    [/Provider apps\/chat is not in these documents/, [alert(ALL)]],
    [
      /Secret apps\/hook is not in these documents/,
      [alert(ALL), provider('type: slack, secretRef: { name: hook }')],
    ],
    [
      /matchLabels are not read/,
      [alert('eventSources: [{ kind: OCIRepository, name: "*", matchLabels: { a: b } }]'), chat],
    ],
    ...['Authorization: canary-secret: x', 'canary-secret', '[canary-secret]', '"canary-secret'].map(
      (headers) =>
        [
          /headers of Secret apps\/hook are no YAML map/,
          [
            alert(ALL),
            provider('type: generic, address: https://own.example/a, secretRef: { name: hook }'),
            secret(`headers: ${JSON.stringify(headers)}`),
          ],
        ] as const,
    ),
    [/events of Bucket are not told of/, [alert('eventSources: [{ kind: Bucket, name: "*" }]'), chat]],
    [/Alert apps\/team is not mapped: include/, [alert(`${ALL}, inclusionList: ["(?=a)"]`), chat]],
  ];
  for (const [wanted, documents] of cases) {
    const { notify, notices } = read(...documents);
    assert.deepEqual(notify, []);
    const messages = notices.map(({ message }) => message).join('\n');
    assert.match(messages, wanted);
    assert.ok(!messages.includes('canary'), messages);
  }
});

test('docs/flux.md has every type of Flux’s', () => {
  const page = readFileSync('docs/flux.md', 'utf8');
  const types = [...MAPPED.map(([, spec]) => /type: ([a-z-]+)/.exec(spec)?.[1] ?? ''), ...UNMAPPED_PROVIDERS];
  assert.deepEqual(
    types.filter((type) => !page.includes(`\`${type}\``)),
    [],
  );
});

const kustomization = (namespace: string, name: string): string => `
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: ${namespace} }
`;
const release = (namespace: string, name: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${name}, namespace: ${namespace} }
spec: { interval: 10m, chart: { spec: { chart: api, sourceRef: { kind: GitRepository, name: charts } } } }
`;
/** Whose names begin as those of namespace apps do. */
const OTHERS = [release('apps', 'web'), kustomization('apps-prod', 'web')];

test('an Alert of all Kustomizations of a namespace is told of those, and of nobody else’s', () => {
  const all = 'eventSources: [{ kind: Kustomization, name: "*" }]';
  const chat = provider('type: generic, address: https://own.example/a');
  const wanted = [kustomization('apps', 'web'), kustomization('apps', 'api')];
  const { notify } = read(alert(all), chat, ...OTHERS, ...wanted);
  assert.deepEqual(
    notify.map(({ name, deploys }) => [name, deploys]),
    [['apps-team-deploys', ['apps-web', 'apps-api']]],
  );
  const none = read(alert(all), chat);
  assert.deepEqual(none.notify, []);
  assert.match(none.notices[0]?.message ?? '', /there is no Kustomization of namespace apps here/);
});

test('an Alert of a HelmRelease is told of its chart and of its deploy', () => {
  const { notify } = read(
    alert(
      'eventSources: [{ kind: HelmRelease, name: web }, { kind: HelmRelease, name: "*", namespace: prod }]',
    ),
    provider('type: generic, address: https://own.example/a'),
    release('prod', 'api'),
  );
  assert.deepEqual(
    notify.map(({ sources, deploys }) => [sources, deploys]),
    [
      [['apps/web', 'prod/*'], undefined],
      [['**'], ['apps-web-release', 'prod-api-release']],
    ],
  );
});
