"""What every section needs: processes and what they take, servers, the machine, the page of results."""
