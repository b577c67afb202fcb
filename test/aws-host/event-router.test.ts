import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { envelopeOf, parseRule, rulesFor } from '../support/template-host/event-router.ts';

const EVENT_ORIGIN = { account: '123456789012', region: 'eu-central-1' };
const TARGET = { Arn: 'arn:queue', Id: 'T', SqsParameters: { MessageGroupId: 'g' } };
const rule = (id: string, properties: object) => parseRule(id, { Targets: [TARGET], ...properties });

describe('rules', () => {
  const rules = [
    rule('default', { EventPattern: { source: ['aws.ecr'] } }),
    rule('own', { EventPattern: { source: ['landfall'] }, EventBusName: 'LandfallBus' }),
    rule('by-arn', {
      EventPattern: { source: ['landfall'] },
      EventBusName: 'arn:aws:events:eu-central-1:1:event-bus/LandfallBus',
    }),
    rule('hourly', { ScheduleExpression: 'rate(1 hour)' }),
  ];
  const idsFor = (bus: string, source: string): readonly string[] =>
    rulesFor(rules, { bus, event: envelopeOf({ source, detail: {} }, EVENT_ORIGIN) }).map(({ id }) => id);

  test('see the events of their own bus that they match', () => {
    assert.deepEqual(idsFor('default', 'aws.ecr'), ['default']);
    assert.deepEqual(idsFor('default', 'landfall'), []);
    assert.deepEqual(idsFor('LandfallBus', 'landfall'), ['own', 'by-arn']);
    assert.deepEqual(idsFor('LandfallBus', 'aws.ecr'), []);
  });

  test('say where events go', () => {
    assert.deepEqual(rules[0]?.targets, [
      { arn: 'arn:queue', messageGroupId: 'g', retries: undefined, deadLetters: undefined },
    ]);
  });

  test('do nothing while they are disabled', () => {
    assert.deepEqual(rule('off', { State: 'DISABLED', EventPattern: { source: ['a'] } }).targets, []);
  });

  test('are refused where a target would change what is sent', () => {
    const Targets = [{ ...TARGET, InputPath: '$.detail' }];
    assert.throws(() => parseRule('x', { EventPattern: { source: ['a'] }, Targets }), /InputPath/);
  });

  test('are refused where the pattern is none', () => {
    assert.throws(() => parseRule('x', { EventPattern: { source: 'a' } }), { code: 'CONFIG_INVALID' });
  });
});
