import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram } from '../../local/metrics/counter.ts';
import { Exposition, labelText, withLabel } from '../../local/metrics/exposition.ts';

const ABOUT = { name: 'landfall_x', type: 'gauge', help: 'Of \\ and\nmore.' } as const;

test('help and labels are escaped as Prometheus reads them, so that a name is never another line', () => {
  const hostile = 'a"} 1\nlandfall_y 2 \\';
  const text = new Exposition()
    .metric(ABOUT)
    .sample(withLabel(labelText({ name: hostile }), 'more', '"'), 1)
    .text();
  assert.deepEqual(text.split('\n'), [
    '# HELP landfall_x Of \\\\ and\\nmore.',
    '# TYPE landfall_x gauge',
    'landfall_x{name="a\\"} 1\\nlandfall_y 2 \\\\",more="\\""} 1',
    '',
  ]);
});

test('numbers without an end are written as Prometheus has them', () => {
  const text = new Exposition()
    .metric(ABOUT)
    .sample('', Number.POSITIVE_INFINITY)
    .sample('', Number.NaN)
    .text();
  assert.match(text, /^landfall_x \+Inf\nlandfall_x NaN\n$/m);
});

test('a counter keeps its labels apart, and adds', () => {
  const counter = new Counter('landfall_x_total', 'Things.');
  counter.add({ a: '1' });
  counter.add({ a: '2' }, 5);
  counter.add({ a: '1' });
  const to = new Exposition();
  counter.write(to);
  assert.match(to.text(), /\nlandfall_x_total\{a="1"\} 2\nlandfall_x_total\{a="2"\} 5\n$/);
});

test('the buckets of a histogram hold all that was at most their bound', () => {
  const histogram = new Histogram('landfall_x_seconds', 'Waits.', [0.1, 1]);
  for (const seconds of [0.1, 0.5, 1, 7]) histogram.observe({ of: 'a' }, seconds);
  const to = new Exposition();
  histogram.write(to);
  assert.deepEqual(to.text().split('\n').slice(2), [
    'landfall_x_seconds_bucket{of="a",le="0.1"} 1',
    'landfall_x_seconds_bucket{of="a",le="1"} 3',
    'landfall_x_seconds_bucket{of="a",le="+Inf"} 4',
    'landfall_x_seconds_sum{of="a"} 8.6',
    'landfall_x_seconds_count{of="a"} 4',
    '',
  ]);
});
