/** An operator sees what an auditor sees. */
import './home_auditor.js';
