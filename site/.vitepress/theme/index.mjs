import DefaultTheme from 'vitepress/theme';
import { VersionSwitch } from './version-switch.mjs';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('VersionSwitch', VersionSwitch);
  },
};
