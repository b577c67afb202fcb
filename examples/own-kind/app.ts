import { App, Stack } from 'aws-cdk-lib';
import { Landfall } from '../../infra/landfall.ts';
import { noteDeploy } from './note-deploy.ts';

const app = new App();
const stack = new Stack(app, 'Notes');
const handler = `${import.meta.dirname}/handler.ts`;
new Landfall(stack, 'Landfall', {
  documents: [`${import.meta.dirname}/sources.yaml`],
  kinds: [{ kind: noteDeploy, handler }],
});
app.synth();
