import 'bootstrap/dist/css/bootstrap.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/controls.css'
import './styles/dialogs.css'
import './styles/filter.css'
import './styles/flows.css'
import { render } from 'preact'
import { App } from './app.tsx'

render(<App />, document.getElementById('app')!)
