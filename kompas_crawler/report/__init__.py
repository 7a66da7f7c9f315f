"""What does a collection look like? Its numbers, figures and the page that shows them."""
