import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LandfallProps } from '../../../infra/landfall-props.ts';
import { TOLD_TYPES } from '../../../shared/notify/notify-entry.ts';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, type SynthesizedTemplate, synthesize, templateOf } from '../stack/template.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';

const SOURCES = 'sources: [{ name: site, namespace: web, url: "oci://ghcr.io/org/site" }]';

function synthesized(entries: readonly string[], props: LandfallProps = {}): SynthesizedTemplate {
  const folder = temporaryFolderSync();
  writeFileSync(
    join(folder, 'web.yaml'),
    `${SOURCES}\nnotify:\n${entries.map((each) => `  - ${each}\n`).join('')}`,
  );
  return templateOf(landfallIn({ documents: [folder], ...props }).stack);
}

const functionsOf = (template: SynthesizedTemplate): readonly string[] => [
  ...template.ofType('AWS::Lambda::Function').keys(),
];

const SLACK = '{ name: team, type: slack, url: { secretsManager: landfall/slack } }';
const GITHUB = '{ name: commits, type: github, repository: team/app, token: { ssm: /landfall/github } }';
const MAIL =
  '{ name: mail, type: email, host: mail.example, username: u, password: { ssm: /landfall/mail }, from: a@b.example, to: [c@d.example] }';
const TOPIC = '{ name: people, type: sns, topic: "arn:aws:sns:eu-central-1:123456789012:people" }';

test('a stack tells where a document or reach asks for it, and has nothing of it elsewhere', () => {
  const without = synthesize({ sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }] });
  assert.deepEqual(
    [...without.resources.keys()].filter((name) => /notify/i.test(name)),
    [],
  );
  for (const template of [synthesized([SLACK]), synthesize({ reach: { notify: {} } })])
    assert.ok(functionsOf(template).includes('NotifyFunction'));
});

test('everything that an entry may be told of comes to its queue', () => {
  const { EventPattern } = synthesized([SLACK]).properties('NotifySubscriptionRule') as {
    readonly EventPattern: { readonly 'detail-type': readonly string[] };
  };
  // What is left suspended is found by the schedule.
  const told = TOLD_TYPES.filter((type) => type !== 'Source Suspended');
  assert.deepEqual(EventPattern['detail-type'].toSorted(), [...told].toSorted());
  assert.equal(synthesized([SLACK]).properties('NotifyLook')['ScheduleExpression'], 'rate(15 minutes)');
});

test('the function reads the secrets and publishes to the topics that documents and reach name, and no others', () => {
  const template = synthesized([SLACK, GITHUB, TOPIC], {
    reach: {
      secrets: ['landfall/hooks/*', { secret: 'landfall/ghcr', registries: ['ghcr.io'] }],
      notify: {
        secrets: ['landfall/told/*'],
        parameters: [{ secret: '/landfall/told', to: ['api.example'] }],
        topics: ['arn:aws:sns:eu-central-1:123456789012:landfall-*'],
      },
    },
  });
  const may = allowed(template, 'NotifyFunction').filter((each) => /^(secretsmanager|ssm|sns):/.test(each));
  assert.deepEqual(
    may.map((each) => each.replace(/arn:\S*?:(?=secret:|parameter)/, '')).toSorted(),
    [
      'secretsmanager:GetSecretValue secret:landfall/slack-??????',
      'secretsmanager:GetSecretValue secret:landfall/told/*-??????',
      'sns:Publish arn:aws:sns:eu-central-1:123456789012:landfall-*',
      'sns:Publish arn:aws:sns:eu-central-1:123456789012:people',
      'ssm:GetParameter parameter/landfall/github',
      'ssm:GetParameter parameter/landfall/told',
    ].toSorted(),
  );
  for (const other of ['FunctionsReceive', 'FunctionsReconcile', 'FunctionsPoll'])
    assert.doesNotMatch(allowed(template, other).join('\n'), /landfall\/(?:slack|github|told)|sns:/);
});

test('of the store it reads what it tells of, and changes its books alone', () => {
  const changed = allowed(synthesized([SLACK]), 'NotifyFunction').filter((each) =>
    /^s3:(?:Put|Delete)/.test(each),
  );
  assert.deepEqual(
    changed.map((each) => each.replace(/ .*\//, ' ')),
    ['s3:DeleteObject *', 's3:PutObject *'],
  );
  assert.ok(changed.every((each) => each.endsWith('notify/*')));
});

test('it is told where each secret goes: where documents send it, and where reach says', () => {
  const template = synthesized([SLACK, GITHUB, MAIL], {
    reach: {
      notify: {
        secrets: [{ secret: 'landfall/own', to: ['api.example', 'http://own.example:81'] }, 'landfall/x'],
      },
    },
  });
  const { Environment } = template.properties('NotifyFunction') as {
    readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  };
  assert.deepEqual(JSON.parse(Environment.Variables['LANDFALL_NOTIFY_SECRETS'] ?? ''), [
    { secretsManager: ['landfall/slack'], to: ['secret landfall/slack of Secrets Manager'] },
    { ssm: ['/landfall/github'], to: ['https://api.github.com'] },
    { ssm: ['/landfall/mail'], to: ['smtps://mail.example:587'] },
    { secretsManager: ['landfall/own'], to: ['https://api.example', 'http://own.example:81'] },
  ]);
});

for (const [what, entry, says] of [
  [
    'a variable',
    '{ name: team, type: slack, url: { env: SLACK_URL } }',
    /notify team: url: a secret on AWS is in/,
  ],
  [
    'a text as a token',
    '{ name: own, type: webhook, url: "https://a.example", headers: { Authorization: { value: x } } }',
    /notify own: headers\.Authorization: .*\{ value: … \}/,
  ],
] as const)
  test(`${what} is refused when it is synthesized, as a function has none`, () => {
    assert.throws(() => synthesized([entry]), says);
  });

test('a place that is none is refused when it is synthesized', () => {
  for (const place of ['https://api.example/path', 'ftp://api.example', ''])
    assert.throws(
      () => synthesize({ reach: { notify: { secrets: [{ secret: 'a', to: [place] }] } } }),
      /is no place/,
    );
});

test('nobody is warned that entries are not told', () => {
  const folder = temporaryFolderSync();
  writeFileSync(join(folder, 'web.yaml'), `${SOURCES}\nnotify:\n  - ${SLACK}\n`);
  const { landfall } = landfallIn({ documents: [folder] });
  assert.deepEqual(
    landfall.node.metadata.filter(({ type, data }) => /warning/.test(type) && /notify/.test(String(data))),
    [],
  );
});
