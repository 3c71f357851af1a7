export { invalid, unclear } from '../contract/reject.ts'
