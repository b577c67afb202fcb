import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createJsonClient } from '../../../shared/aws/request/json.ts';
import { taggedClusters } from '../../../shared/aws/tagged-clusters.ts';
import { KUBERNETES_CLUSTERS } from '../../../shared/limits.ts';
import { atEnd } from '../../support/at-end.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
const clientAt = (url: string) =>
  createJsonClient({
    region: 'eu-central-1',
    credentials: async () => KEYS,
    clock: new SleepingClock(),
    env: { AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: url },
  });

interface Asked {
  readonly target: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly region: string;
}

/** Answers as https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html has it. */
async function standInFor(t: TestContext, answer: (asked: Asked, at: number) => readonly [number, object]) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    const region = /\/\d{8}\/([^/]+)\/tagging\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const told = { target: String(request.headers['x-amz-target']), input: JSON.parse(body), region };
    asked.push(told);
    const [status, said] = answer(told, asked.length);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(said));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, client: clientAt(url) };
}

const mapping = (name: string, region = 'eu-central-1', tags: Readonly<Record<string, string>> = {}) => ({
  ResourceARN: `arn:aws:eks:${region}:111122223333:cluster/${name}`,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});
const page = (names: readonly string[], PaginationToken = '') =>
  [200, { ResourceTagMappingList: names.map((name) => mapping(name)), PaginationToken }] as const;

test('clusters are asked for by all their tags, region by region, page by page', async (t) => {
  const { asked, client } = await standInFor(t, ({ region, input }) => {
    const [env, wave] = [
      { Key: 'env', Value: 'prod' },
      { Key: 'wave', Value: '2' },
    ];
    if (region === 'us-east-1')
      return [200, { ResourceTagMappingList: [{ ...mapping('west', region), Tags: [env, wave] }] }];
    if (input['PaginationToken'] === undefined)
      return [200, { ResourceTagMappingList: [mapping('one')], PaginationToken: 'more' }];
    const nodes = { ResourceARN: 'arn:aws:eks:eu-central-1:111122223333:nodegroup/one/a/b', Tags: [] };
    return [200, { ResourceTagMappingList: [mapping('two'), nodes, null], PaginationToken: '' }];
  });
  const tags = { env: 'prod', team: 'web' };
  const found = await taggedClusters(
    { tags, regions: ['eu-central-1', 'us-east-1'] },
    { client, region: 'eu-west-1' },
  );
  assert.deepEqual(found, [
    { name: 'one', region: 'eu-central-1', tags: {} },
    { name: 'two', region: 'eu-central-1', tags: {} },
    { name: 'west', region: 'us-east-1', tags: { env: 'prod', wave: '2' } },
  ]);
  assert.equal(asked.length, 3);
  assert.deepEqual(asked[1], {
    target: 'ResourceGroupsTaggingAPI_20170126.GetResources',
    region: 'eu-central-1',
    input: {
      ResourceTypeFilters: ['eks:cluster'],
      ResourcesPerPage: 100,
      TagFilters: [
        { Key: 'env', Values: ['prod'] },
        { Key: 'team', Values: ['web'] },
      ],
      PaginationToken: 'more',
    },
  });
});

const REFUSALS = [
  [400, { __type: 'AccessDeniedException', Message: 'not authorized' }, 'DEPLOY_FAILED', /AccessDenied/],
  [400, { __type: 'ThrottledException', Message: 'Rate exceeded' }, 'DEPLOY_UNAVAILABLE', /Throttled/],
  [500, { __type: 'InternalServiceException' }, 'DEPLOY_UNAVAILABLE', /in eu-central-1, tag:GetResources/],
] as const;
for (const [status, body, code, message] of REFUSALS)
  test(`${body.__type} is ${code}, and no empty list`, async (t) => {
    const { client } = await standInFor(t, () => [status, body]);
    await assert.rejects(taggedClusters({ tags: { a: 'b' } }, { client, region: 'eu-central-1' }), {
      code,
      message,
    });
  });

const names = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `c${from + at}`);
test(`${KUBERNETES_CLUSTERS} clusters are taken, one more is refused, and pages without an end are, too`, async (t) => {
  const search = { region: 'eu-central-1' };
  const full = await standInFor(t, () => page(names(KUBERNETES_CLUSTERS)));
  const found = await taggedClusters({ tags: { a: 'b' } }, { ...search, client: full.client });
  assert.equal(found.length, KUBERNETES_CLUSTERS);
  const more = await standInFor(t, (_, at) =>
    at === 1 ? page(names(KUBERNETES_CLUSTERS), 'x') : page(['last']),
  );
  await assert.rejects(taggedClusters({ tags: { a: 'b' } }, { ...search, client: more.client }), {
    code: 'DEPLOY_FAILED',
    message: /more than 100 clusters have the tags \{"a":"b"\}/,
  });
  const endless = await standInFor(t, () => page(['same'], 'again'));
  await assert.rejects(taggedClusters({ tags: { a: 'b' } }, { ...search, client: endless.client }), {
    code: 'DEPLOY_FAILED',
  });
});
