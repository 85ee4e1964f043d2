// Files of rules, apart from the language itself: they bring a YAML parser, which most who filter do not need.
export { importAcl } from './import-acl.ts'
export { parseRules, type ReadRules } from './parse-rules.ts'
export { checkRules, chooseRuleFiles, RULE_FILE_NAMES, type RuleFile, readRuleFiles } from './read-rule-files.ts'
export { RULE_LIMITS, type Rule, type RuleFinding, type RuleFindingKind, showRuleFinding } from './rule.ts'
