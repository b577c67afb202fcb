// What Lambda's own image of Node does around a handler, as its runtime API says it:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Started by AWS's emulator with the bundle as its argument.
import { argv, env, stdout } from 'node:process';

const api = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const begun = performance.now();
const { handler } = await import(argv[2]);
stdout.write(`init took ${Math.round(performance.now() - begun)} ms\n`);
for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = {
    awsRequestId: id,
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  const answer = await Promise.resolve(handler(await next.json(), context)).then(
    (result) => ['response', result],
    (error) => ['error', { errorType: error?.name, errorMessage: String(error?.stack) }],
  );
  await fetch(`${api}/invocation/${id}/${answer[0]}`, {
    method: 'POST',
    body: JSON.stringify(answer[1] ?? null),
  });
}
