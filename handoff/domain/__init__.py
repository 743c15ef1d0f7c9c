"""The words of the product as pure values: nothing here does I/O, asks the time or draws chance."""
