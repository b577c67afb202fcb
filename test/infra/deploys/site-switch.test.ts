import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Distribution, KeyValueStore } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { SiteDeploy, type SiteDeployProps } from '../../../infra/site-deploy.ts';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, type SynthesizedTemplate, templateOf } from '../stack/template.ts';

describe('a site deploy that switches and invalidates', () => {
  const synth = (props: Partial<SiteDeployProps>, isSwitched = true): SynthesizedTemplate => {
    const { stack, landfall } = landfallIn();
    const bucket = new Bucket(stack, 'Web');
    const keyValueStore = new KeyValueStore(stack, 'Current');
    const origin = new HttpOrigin('web.example');
    const distribution = new Distribution(stack, 'Cdn', { defaultBehavior: { origin } });
    new SiteDeploy(stack, 'Live', {
      ...{ landfall, name: 'live', source: 'web/site', bucket, prefix: 'www' },
      ...(isSwitched && { switch: { keyValueStore, key: 'site:current' } }),
      invalidate: { distribution, paths: ['/*'] },
      ...props,
    });
    return templateOf(stack);
  };

  test('may move keys of the one store, invalidate the one distribution, and list its releases', () => {
    const has = allowed(synth({}), 'LiveFunction').filter((each) => /cloudfront|ListBucket <Web/.test(each));
    assert.deepEqual(has.length, 5, has.join('\n'));
    assert.ok(
      has.every((each) => !/ \*$/.test(each)),
      has.join('\n'),
    );
    assert.ok(has.includes('s3:ListBucket <Web.Arn> if {"StringLike":{"s3:prefix":"www/releases/*"}}'));
  });

  test('may not touch a KeyValueStore where nothing is switched', () => {
    const has = allowed(synth({}, false), 'LiveFunction').join('\n');
    assert.doesNotMatch(has, /keyvaluestore/);
    assert.match(has, /cloudfront:CreateInvalidation/);
  });

  test('refuses at synth what CloudFront would refuse at the first deploy', () => {
    const distribution = {
      distributionId: 'E1',
      distributionArn: 'arn:aws:cloudfront::1:distribution/E1',
    } as never;
    for (const paths of [[], ['index.html'], Array.from({ length: 3_001 }, () => '/a')])
      assert.throws(
        () => synth({ invalidate: { distribution, paths } }),
        /1 to 3000 paths that begin with \//,
      );
    const keyValueStore = { keyValueStoreArn: 'arn' } as never;
    for (const key of ['', 'k'.repeat(513)])
      assert.throws(() => synth({ switch: { keyValueStore, key } }), /1 to 512 bytes/);
  });
});
