// netbehave rules: the rules that name flows: list, check, try out, take over from the 2018 system, count.
import { type Command, Option } from 'commander'
import type { Environment } from '../environment.ts'
import { FLOW_FORMATS } from '../output/flow-writer.ts'
import type { ExplainOptions } from '../rules/explain.ts'
import type { RulesOptions } from '../rules/list.ts'
import type { AskOptions } from '../rules/stats.ts'
import type { TestOptions } from '../rules/test-flows.ts'
import { collectValues, dataOption, tableOption } from './options.ts'

const rulesOption = (): Option =>
  new Option('--rules <file>', 'file of rules, may be repeated; default: those that an enricher reads here').argParser(
    collectValues,
  )

export function addRules(program: Command, environment: Environment): void {
  const rules = program.command('rules').description('the rules that name flows: list, check, try, import, count')
  rules.addHelpText(
    'after',
    `
The first rule that matches names a flow. Rules are read from the files that enricher.rules names, else from rules.yaml and
acl.csv of this folder, else from those that NetBehave brings along. docs/rules.md tells how they are written.

Examples:
  netbehave rules ls
  netbehave rules check rules.yaml
  netbehave search --from -1h -o json | netbehave rules test --rules rules.yaml --count
  netbehave rules import acl.csv > rules.yaml`,
  )

  rules
    .command('ls')
    .description('list them in their order, with what each says')
    .argument('[file...]', 'files of rules')
    .addOption(tableOption())
    .addHelpText('after', '\nExamples:\n  netbehave rules ls\n  netbehave rules ls rules.yaml acl.csv -o json')
    .action(async (files: string[], options: RulesOptions) =>
      (await import('../rules/list.ts')).listRules(files, options, environment),
    )

  rules
    .command('check')
    .description(
      'say what is wrong with them, what says something else than in 2018, what is in vain; exit code 65 for mistakes',
    )
    .argument('[file...]', 'files of rules')
    .addOption(tableOption())
    .addOption(dataOption())
    .addHelpText(
      'after',
      `
Without files, and where a copy runs on --data, rules that named no flow since its start are told, too.

Examples:
  netbehave rules check
  netbehave rules check acl.csv -o json`,
    )
    .action(async (files: string[], options: RulesOptions & { data?: string }) =>
      (await import('../rules/check.ts')).checkRuleFiles(files, options, environment),
    )

  rules
    .command('test')
    .description('say which rule names each flow; exit code 65 when something is no flow')
    .argument('[flows]', 'file of flows as JSON, one a line; - is stdin', '-')
    .addOption(rulesOption())
    .option('--count', 'how many flows and bytes each rule names')
    .addOption(
      new Option('-o, --output <form>', 'line: the rule, then one line a flow; wide; json: an object a line; csv')
        .choices(FLOW_FORMATS)
        .default('line'),
    )
    .addHelpText(
      'after',
      `
Examples:
  netbehave search --from -1h -o json | netbehave rules test --rules new.yaml
  netbehave rules test flows.ndjson --count`,
    )
    .action(async (file: string, options: TestOptions) =>
      (await import('../rules/test-flows.ts')).testRules(file, options, environment),
    )

  rules
    .command('explain')
    .description('say which rule names one flow and why, and which nearly did')
    .argument('<flow>', 'a flow as JSON, or the file that holds it; - is stdin')
    .addOption(rulesOption())
    .addOption(new Option('-o, --output <form>', 'text, or json').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Members that a flow leaves out are empty.

Examples:
  netbehave rules explain flow.json
  echo '{"protocol":17,"dstPort":53,"dstNet":"external"}' | netbehave rules explain -`,
    )
    .action(async (file: string, options: ExplainOptions) =>
      (await import('../rules/explain.ts')).explainRules(file, options, environment),
    )

  rules
    .command('import')
    .description("print the 2018 system's acl.csv as a rules.yaml; exit code 65 when a row is no rule")
    .argument('<file>', 'acl.csv')
    .addHelpText('after', '\nExample:\n  netbehave rules import acl.csv > rules.yaml')
    .action(async (file: string) => (await import('../rules/import-rules.ts')).importRules(file, environment))

  rules
    .command('stats')
    .description('say how many flows each rule named since the running copy started')
    .addOption(tableOption())
    .addOption(dataOption())
    .option('--broker <url>', 'broker to ask, in place of that of the copy that runs on --data')
    .addHelpText('after', '\nExamples:\n  netbehave rules stats\n  netbehave rules stats -o json | jq .unmatched')
    .action(async (options: RulesOptions & AskOptions) =>
      (await import('../rules/stats.ts')).showRuleStats(options, environment),
    )
}
